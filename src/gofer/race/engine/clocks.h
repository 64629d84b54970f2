/* Vector clocks: immutable trees from slot to time that share what they have in common.
 *
 * A node has 16 entries, times in a leaf (height 0) and nodes above. A clock that is handed out is one pointer, joining
 * two clocks looks only at the nodes that differ, and changing one time copies one path: 20,000 goroutines that know
 * 20,000 others hold one tree between them.
 *
 * An epoch is a slot and a time in one word. A slot belongs to one actor at a time; when it has ended, the slot goes
 * to an actor that has seen all that the former one did and released, so "slot s, time t was seen" means that
 * everything released at that time was.
 */
#ifndef GOFER_RACE_CLOCKS_H
#define GOFER_RACE_CLOCKS_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define RACE_FAN 16
#define RACE_TIME_BITS 40
#define RACE_TIME_MAX ((1ULL << RACE_TIME_BITS) - 1)
#define RACE_SLOT_MAX ((1U << 24) - 1)

#ifdef Py_GIL_DISABLED
#define RACE_ADD(counter, n) __atomic_add_fetch(&(counter), (n), __ATOMIC_ACQ_REL)
#define RACE_MUTEX_LOCK(m) PyMutex_Lock(&(m))
#define RACE_MUTEX_UNLOCK(m) PyMutex_Unlock(&(m))
#else
#define RACE_ADD(counter, n) ((counter) += (n))
#define RACE_MUTEX_LOCK(m) ((void)0)
#define RACE_MUTEX_UNLOCK(m) ((void)0)
#endif

typedef struct race_node {
    int32_t refs;
    int32_t height;
    union {
        uint64_t times[RACE_FAN];
        struct race_node *sub[RACE_FAN];
    };
} race_node;

/* What of an actor the checks need; `self` is the Python object that has it. */
typedef struct {
    uint64_t epoch; /* slot and time */
    uint64_t used;  /* the time of the last access that was recorded */
    race_node *seen;
    race_node *bare; /* epochs seen without what their owners had seen then; mostly NULL */
    PyObject *self;
    int quiet;
} race_actor;

static inline uint64_t race_epoch(uint64_t slot, uint64_t time) { return slot << RACE_TIME_BITS | time; }
static inline uint32_t race_slot(uint64_t epoch) { return (uint32_t)(epoch >> RACE_TIME_BITS); }
static inline uint64_t race_time(uint64_t epoch) { return epoch & RACE_TIME_MAX; }

static Py_ssize_t race_nodes = 0;
static Py_ssize_t race_bytes = 0; /* of shadows and of the table that leads to them */

static race_node *race_node_made(int height)
{
    race_node *node = (race_node *)malloc(sizeof(race_node));
    if (node == NULL)
        Py_FatalError("gofer.race: no memory for a clock");
    node->refs = 1;
    node->height = height;
    RACE_ADD(race_nodes, 1);
    return node;
}

static race_node *race_node_new(int height)
{
    race_node *node = race_node_made(height);
    memset(node->times, 0, sizeof(node->times));
    return node;
}

static inline race_node *race_node_hold(race_node *node)
{
    if (node != NULL)
        RACE_ADD(node->refs, 1);
    return node;
}

static void race_node_drop(race_node *node)
{
    if (node == NULL || RACE_ADD(node->refs, -1) > 0)
        return;
    if (node->height > 0)
        for (int i = 0; i < RACE_FAN; i++)
            race_node_drop(node->sub[i]);
    free(node);
    RACE_ADD(race_nodes, -1);
}

static race_node *race_node_copy(race_node *node)
{
    race_node *copy = race_node_made(node->height);
    memcpy(copy->times, node->times, sizeof(node->times));
    if (node->height > 0)
        for (int i = 0; i < RACE_FAN; i++)
            race_node_hold(copy->sub[i]);
    return copy;
}

/* The time that the clock has for a slot; 0 for one that it has not heard of. */
static inline uint64_t race_node_get(const race_node *node, uint32_t slot)
{
    if (node == NULL || (slot >> (4 * (node->height + 1))) != 0)
        return 0;
    while (node->height > 0) {
        node = node->sub[(slot >> (4 * node->height)) & (RACE_FAN - 1)];
        if (node == NULL)
            return 0;
    }
    return node->times[slot & (RACE_FAN - 1)];
}

/* A clock as high as `height`; takes the reference. */
static race_node *race_node_lift(race_node *node, int height)
{
    while (node->height < height) {
        race_node *above = race_node_new(node->height + 1);
        above->sub[0] = node;
        node = above;
    }
    return node;
}

/* The clock with another time for a slot; takes the reference. A node that nobody else has is changed in place. */
static race_node *race_node_put(race_node *node, int height, uint32_t slot, uint64_t time)
{
    if (node == NULL) {
        node = race_node_new(height);
    }
    else if (node->refs > 1) {
        race_node *copy = race_node_copy(node);
        race_node_drop(node);
        node = copy;
    }
    int at = (slot >> (4 * height)) & (RACE_FAN - 1);
    if (height == 0)
        node->times[at] = time;
    else
        node->sub[at] = race_node_put(node->sub[at], height - 1, slot, time);
    return node;
}

static race_node *race_node_set(race_node *node, uint32_t slot, uint64_t time)
{
    int height = 0;
    while ((slot >> (4 * (height + 1))) != 0)
        height++;
    if (node != NULL) {
        node = race_node_lift(node, height);
        height = node->height;
    }
    return race_node_put(node, height, slot, time);
}

/* The clock in which the epoch was seen; takes the reference. */
static race_node *race_node_raise(race_node *node, uint64_t epoch)
{
    uint32_t slot = (uint32_t)(epoch >> RACE_TIME_BITS);
    uint64_t time = epoch & RACE_TIME_MAX;
    return race_node_get(node, slot) >= time ? node : race_node_set(node, slot, time);
}

static race_node *race_leaf_join(race_node *a, race_node *b)
{
    int a_first = 0, b_first = 0;
    for (int i = 0; i < RACE_FAN; i++) {
        a_first |= a->times[i] > b->times[i];
        b_first |= b->times[i] > a->times[i];
    }
    if (!b_first)
        return race_node_hold(a);
    if (!a_first)
        return race_node_hold(b);
    race_node *joined = race_node_copy(a);
    for (int i = 0; i < RACE_FAN; i++)
        if (b->times[i] > joined->times[i])
            joined->times[i] = b->times[i];
    return joined;
}

/* The least clock that has seen what either has; a new reference, to one of the two where that is enough. */
static race_node *race_node_join(race_node *a, race_node *b)
{
    if (a == b || b == NULL)
        return race_node_hold(a);
    if (a == NULL)
        return race_node_hold(b);
    if (a->height < b->height) {
        race_node *swap = a;
        a = b;
        b = swap;
    }
    if (a->height == 0)
        return race_leaf_join(a, b);
    race_node *sub[RACE_FAN];
    int same = a->height == b->height, is_a = 1, is_b = same;
    for (int i = 0; i < RACE_FAN; i++) {
        sub[i] = race_node_join(a->sub[i], same ? b->sub[i] : i == 0 ? b : NULL);
        is_a &= sub[i] == a->sub[i];
        is_b &= same && sub[i] == b->sub[i];
    }
    race_node *joined;
    if (is_a || is_b) {
        for (int i = 0; i < RACE_FAN; i++)
            race_node_drop(sub[i]);
        joined = race_node_hold(is_a ? a : b);
    }
    else {
        joined = race_node_new(a->height);
        memcpy(joined->sub, sub, sizeof(sub));
    }
    return joined;
}

static inline int race_knows(const race_actor *actor, uint64_t epoch)
{
    return race_slot(actor->epoch) == race_slot(epoch)
        || race_node_get(actor->seen, race_slot(epoch)) >= race_time(epoch);
}

static inline int race_has_seen(const race_actor *actor, uint64_t epoch)
{
    return race_knows(actor, epoch)
        || (actor->bare != NULL && race_node_get(actor->bare, race_slot(epoch)) >= race_time(epoch));
}

/* Whether `a` has seen all that `b` has, but for one slot, which is that of the actor whose clock `a` is. */
static int race_node_covers(const race_node *a, const race_node *b, uint32_t own)
{
    if (a == b || b == NULL)
        return 1;
    if (a == NULL || a->height != b->height)
        return 0;
    for (int i = 0; i < RACE_FAN; i++) {
        int is_own = (own >> (4 * a->height)) == (uint32_t)i;
        if (a->height == 0 ? b->times[i] > a->times[i] && !is_own
                           : !race_node_covers(a->sub[i], b->sub[i], is_own ? own & ((1U << (4 * a->height)) - 1) : RACE_SLOT_MAX))
            return 0;
    }
    return 1;
}

static inline void race_join_into(race_node **into, race_node *other)
{
    race_node *joined = race_node_join(*into, other);
    race_node_drop(*into);
    *into = joined;
}

/* The actor has seen an epoch (0: none in particular), and what its owner had seen then. Whether that was new. */
static int race_learn(race_actor *actor, race_node *seen, race_node *bare, uint64_t epoch)
{
    if (bare != NULL)
        race_join_into(&actor->bare, bare);
    if (epoch != 0 && race_knows(actor, epoch))
        return bare != NULL;
    if (!race_node_covers(actor->seen, seen, race_slot(actor->epoch)))
        race_join_into(&actor->seen, seen);
    if (epoch != 0)
        actor->seen = race_node_raise(actor->seen, epoch);
    return 1;
}

/* The actor has seen one epoch, whatever its owner had seen. */
static void race_learn_epoch(race_actor *actor, uint64_t epoch)
{
    if (!race_has_seen(actor, epoch))
        actor->bare = race_node_set(actor->bare, race_slot(epoch), race_time(epoch));
}

/* ---- slots ---- */

#define RACE_FREE_SLOTS 65536 /* kept for reuse; of those that nobody has seen the end of, more are not worth keeping */
#define RACE_SLOT_TRIES 16
typedef struct { uint64_t last, needed; } race_free_slot;
static race_free_slot *race_free_slots = NULL;
static uint32_t race_free_count = 0, race_free_cursor = 0, race_slots_made = 0;
#ifdef Py_GIL_DISABLED
static PyMutex race_slots_mutex;
#endif

/* A first epoch for an actor that has seen `seen`, in a slot whose former owner it is ordered after, or a new one. */
static uint64_t race_slot_take(race_node *seen)
{
    uint64_t taken = 0;
    RACE_MUTEX_LOCK(race_slots_mutex);
    for (uint32_t tried = 0; tried < RACE_SLOT_TRIES && tried < race_free_count && taken == 0; tried++) {
        uint32_t at = race_free_count - 1 - tried;
        if (tried >= RACE_SLOT_TRIES / 2)
            at = race_free_cursor++ % race_free_count;
        race_free_slot found = race_free_slots[at];
        if (race_node_get(seen, race_slot(found.last)) >= found.needed) {
            race_free_slots[at] = race_free_slots[--race_free_count];
            taken = found.last + 1;
        }
    }
    if (taken == 0 && race_slots_made == RACE_SLOT_MAX && race_free_count > 0)
        taken = race_free_slots[--race_free_count].last + 1;
    if (taken == 0) {
        if (race_slots_made == RACE_SLOT_MAX)
            Py_FatalError("gofer.race: more than 16,777,215 goroutines and threads at once");
        taken = race_epoch(++race_slots_made, 1);
    }
    RACE_MUTEX_UNLOCK(race_slots_mutex);
    return taken;
}

/* The actor has ended; who is given its slot must have seen time `needed`. */
static void race_slot_give(uint64_t last, uint64_t needed)
{
    RACE_MUTEX_LOCK(race_slots_mutex);
    if (race_free_slots == NULL)
        race_free_slots = (race_free_slot *)malloc(RACE_FREE_SLOTS * sizeof(race_free_slot));
    if (race_free_slots != NULL && race_time(last) < RACE_TIME_MAX / 2) {
        race_free_slot given = {last, needed};
        if (race_free_count < RACE_FREE_SLOTS)
            race_free_slots[race_free_count++] = given;
        else
            race_free_slots[race_free_cursor++ % RACE_FREE_SLOTS] = given;
    }
    RACE_MUTEX_UNLOCK(race_slots_mutex);
}

/* The actor has released what it did so far: its time goes on. */
static void race_tick(race_actor *actor)
{
    if (race_time(actor->epoch) < RACE_TIME_MAX) {
        actor->epoch++;
        return;
    }
    uint64_t before = actor->epoch;
    actor->seen = race_node_set(actor->seen, race_slot(before), race_time(before));
    actor->epoch = race_slot_take(NULL);
    actor->used = 0;
}

#endif
