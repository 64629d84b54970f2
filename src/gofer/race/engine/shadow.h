/* Shadows: what is known of an object's variables, and FastTrack's check of one access.
 *
 * A shadow has a location for each variable of its object: the last write and the reads since, each an epoch, its actor
 * and its stack. Several reads that are not ordered are kept in a table by slot. Everything in a shadow is under the
 * lock of its object's shard; no reference is dropped there, because that could run a destructor that comes back.
 *
 * A variable is named by one word: an object and a tag in its low bits.
 */
#ifndef GOFER_RACE_SHADOW_H
#define GOFER_RACE_SHADOW_H

#include "clocks.h"
#include "depot.h"
#include "shadowmap.h"

enum {
    RACE_ATTRIBUTE = 0, /* a name */
    RACE_NUMBER = 1,    /* an element: an int, shifted */
    RACE_ELEMENT = 2,   /* an element: another immutable value */
    RACE_IDENTITY = 3,  /* an element: an address */
    RACE_SPECIAL = 4,   /* one of the three below */
    RACE_VARIABLE = 5,  /* a tuple that says what */
    RACE_TAGS = 7,
};
#define RACE_STRUCTURE ((1 << 3) | RACE_SPECIAL)
#define RACE_WHOLE ((2 << 3) | RACE_SPECIAL)
#define RACE_ENDS ((3 << 3) | RACE_SPECIAL) /* of a deque: its reads are the synchronised changes */
#define RACE_FEW 8     /* so many locations are searched one by one */
#define RACE_CLEARED 16 /* a write of the structure forgets the elements where there are more */

typedef struct { uint64_t epoch; PyObject *actor; uint32_t stack; } race_access;
typedef struct { uint32_t count, size; race_access table[]; } race_readers;
typedef struct { uintptr_t key; race_access write, read; race_readers *readers; } race_location;

/* Values that a deque's synchronised methods have handed over, with the clocks that wait for whoever takes them out. */
typedef struct { void *value; PyObject *clock; } race_waiting;
typedef struct { race_waiting *items; uint32_t head, count, room; } race_handed;
#define RACE_HANDED_NEAR 1024 /* so far from the end a value is looked for */

struct race_shadow {
    race_location *locations;
    uint32_t count, room;
    uint32_t *index, index_size;
    int32_t structure, whole, ends; /* where these are, or -1 */
    int ignored, loose; /* loose: elements were accessed without the structure, as a module's globals are */
    PyObject *notes; /* a dict for whoever keeps something with the object */
    race_handed *handed;
};

/* References to drop after the lock. */
typedef struct { PyObject *objects[8]; int count; race_readers *readers[2]; race_shadow *cleared; } race_garbage;
/* An earlier access that raced; `actor` is held. */
typedef struct { uintptr_t key; race_access access; int write; PyObject *key_object; } race_conflict;
#define RACE_CONFLICTS 4
typedef struct { race_conflict found[RACE_CONFLICTS]; int count; } race_conflicts;

static uint64_t race_accesses = 0, race_locations = 0;

static inline PyObject *race_key_object(uintptr_t key)
{
    int tag = key & RACE_TAGS;
    if (tag == RACE_NUMBER || tag == RACE_IDENTITY || tag == RACE_SPECIAL)
        return NULL;
    return (PyObject *)(key & ~(uintptr_t)RACE_TAGS);
}

static inline int race_is_element(uintptr_t key)
{
    int tag = key & RACE_TAGS;
    return tag == RACE_NUMBER || tag == RACE_ELEMENT || tag == RACE_IDENTITY;
}

static inline uint64_t race_key_hash(uintptr_t key)
{
    PyObject *object = race_key_object(key);
    uint64_t h = object == NULL ? (uint64_t)key : (uint64_t)PyObject_Hash(object) ^ (key & RACE_TAGS);
    h *= 0x9E3779B97F4A7C15ULL;
    return h ^ (h >> 32);
}

static inline int race_key_equal(uintptr_t a, uintptr_t b)
{
    if (a == b)
        return 1;
    PyObject *first = race_key_object(a), *second = race_key_object(b);
    if (first == NULL || second == NULL || (a & RACE_TAGS) != (b & RACE_TAGS))
        return 0;
    if (PyUnicode_CheckExact(first) && PyUnicode_CheckExact(second) && PyObject_Hash(first) != PyObject_Hash(second))
        return 0;
    return PyObject_RichCompareBool(first, second, Py_EQ) == 1;
}

static void race_index_put(race_shadow *shadow, uint32_t at)
{
    uint64_t i = race_key_hash(shadow->locations[at].key) & (shadow->index_size - 1);
    while (shadow->index[i] != 0)
        i = (i + 1) & (shadow->index_size - 1);
    shadow->index[i] = at + 1;
}

static void race_index_make(race_shadow *shadow)
{
    free(shadow->index);
    RACE_ADD(race_bytes, -(Py_ssize_t)(shadow->index_size * sizeof(uint32_t)));
    shadow->index = NULL;
    shadow->index_size = 0;
    if (shadow->room <= RACE_FEW)
        return;
    shadow->index_size = shadow->room * 2;
    shadow->index = (uint32_t *)calloc(shadow->index_size, sizeof(uint32_t));
    if (shadow->index == NULL)
        Py_FatalError("gofer.race: no memory for a shadow");
    RACE_ADD(race_bytes, (Py_ssize_t)(shadow->index_size * sizeof(uint32_t)));
    for (uint32_t at = 0; at < shadow->count; at++)
        race_index_put(shadow, at);
}

/* Where the variable is, or -1. */
static int32_t race_find(race_shadow *shadow, uintptr_t key)
{
    if (shadow->index != NULL) {
        uint64_t i = race_key_hash(key) & (shadow->index_size - 1);
        for (uint32_t at; (at = shadow->index[i]) != 0; i = (i + 1) & (shadow->index_size - 1))
            if (race_key_equal(shadow->locations[at - 1].key, key))
                return (int32_t)at - 1;
        return -1;
    }
    for (uint32_t at = 0; at < shadow->count; at++)
        if (shadow->locations[at].key == key)
            return (int32_t)at;
    if (race_key_object(key) != NULL)
        for (uint32_t at = 0; at < shadow->count; at++)
            if (race_key_equal(shadow->locations[at].key, key))
                return (int32_t)at;
    return -1;
}

static race_location *race_location_of(race_shadow *shadow, uintptr_t key)
{
    int32_t at = key == RACE_STRUCTURE ? shadow->structure
        : key == RACE_WHOLE            ? shadow->whole
        : key == RACE_ENDS             ? shadow->ends
                                       : race_find(shadow, key);
    if (at >= 0)
        return &shadow->locations[at];
    if (shadow->count == shadow->room) {
        uint32_t before = shadow->room;
        shadow->room = before == 0 ? 2 : before * 2;
        RACE_ADD(race_bytes, (Py_ssize_t)((shadow->room - before) * sizeof(race_location)));
        shadow->locations =
            (race_location *)realloc(shadow->locations, shadow->room * sizeof(race_location));
        if (shadow->locations == NULL)
            Py_FatalError("gofer.race: no memory for a shadow");
        race_index_make(shadow);
    }
    race_location *location = &shadow->locations[shadow->count];
    memset(location, 0, sizeof(race_location));
    location->key = key;
    Py_XINCREF(race_key_object(key));
    if (key == RACE_STRUCTURE)
        shadow->structure = (int32_t)shadow->count;
    if (key == RACE_WHOLE)
        shadow->whole = (int32_t)shadow->count;
    if (key == RACE_ENDS)
        shadow->ends = (int32_t)shadow->count;
    if (shadow->index != NULL)
        race_index_put(shadow, shadow->count);
    shadow->count++;
    RACE_ADD(race_locations, 1);
    return location;
}

static race_shadow *race_shadow_new(void)
{
    race_shadow *shadow = (race_shadow *)calloc(1, sizeof(race_shadow));
    if (shadow == NULL)
        Py_FatalError("gofer.race: no memory for a shadow");
    shadow->structure = shadow->whole = shadow->ends = -1;
    RACE_ADD(race_bytes, (Py_ssize_t)sizeof(race_shadow));
    return shadow;
}

static inline Py_ssize_t race_readers_bytes(uint32_t size) { return (Py_ssize_t)(sizeof(race_readers) + size * sizeof(race_access)); }

static void race_readers_free(race_readers *readers)
{
    if (readers != NULL)
        RACE_ADD(race_bytes, -race_readers_bytes(readers->size));
    for (uint32_t i = 0; readers != NULL && i < readers->size; i++)
        Py_XDECREF(readers->table[i].actor);
    free(readers);
}

static void race_handed_free(race_handed *handed)
{
    if (handed != NULL)
        RACE_ADD(race_bytes, -(Py_ssize_t)(sizeof(race_handed) + handed->room * sizeof(race_waiting)));
    for (uint32_t i = 0; handed != NULL && i < handed->count; i++)
        Py_DECREF(handed->items[(handed->head + i) & (handed->room - 1)].clock);
    if (handed != NULL)
        free(handed->items);
    free(handed);
}

static void race_shadow_free(race_shadow *shadow)
{
    race_handed_free(shadow->handed);
    RACE_ADD(race_locations, -(uint64_t)shadow->count);
    RACE_ADD(race_bytes, -(Py_ssize_t)(sizeof(race_shadow) + shadow->room * sizeof(race_location)
                                       + shadow->index_size * sizeof(uint32_t)));
    for (uint32_t at = 0; at < shadow->count; at++) {
        race_location *location = &shadow->locations[at];
        Py_XDECREF(race_key_object(location->key));
        Py_XDECREF(location->write.actor);
        Py_XDECREF(location->read.actor);
        race_readers_free(location->readers);
    }
    Py_XDECREF(shadow->notes);
    free(shadow->locations);
    free(shadow->index);
    free(shadow);
}

static inline void race_garbage_empty(race_garbage *garbage)
{
    for (int i = 0; i < garbage->count; i++)
        Py_DECREF(garbage->objects[i]);
    race_readers_free(garbage->readers[0]);
    race_readers_free(garbage->readers[1]);
    if (garbage->cleared != NULL)
        race_shadow_free(garbage->cleared);
}

/* ---- one access ---- */

static inline void race_store(race_access *access, race_actor *actor, uint32_t stack, race_garbage *garbage)
{
    if (access->actor != actor->self) {
        if (access->actor != NULL)
            garbage->objects[garbage->count++] = access->actor;
        access->actor = Py_NewRef(actor->self);
    }
    access->epoch = actor->epoch;
    access->stack = stack;
}

static void race_conflict_add(race_conflicts *conflicts, uintptr_t key, race_access *access, int write)
{
    if (conflicts->count == RACE_CONFLICTS)
        return;
    race_conflict *found = &conflicts->found[conflicts->count++];
    found->key = key;
    found->access = *access;
    found->write = write;
    found->key_object = Py_XNewRef(race_key_object(key));
    Py_INCREF(access->actor);
}

/* The earlier access that the actor's is not ordered after, if any. */
static void race_check(race_location *location, race_actor *actor, int write, uintptr_t key, race_conflicts *conflicts)
{
    if (location->write.epoch != 0 && !race_has_seen(actor, location->write.epoch)) {
        race_conflict_add(conflicts, key, &location->write, 1);
        return;
    }
    if (!write)
        return;
    if (location->read.epoch != 0 && !race_has_seen(actor, location->read.epoch)) {
        race_conflict_add(conflicts, key, &location->read, 0);
        return;
    }
    race_readers *readers = location->readers;
    for (uint32_t i = 0; readers != NULL && i < readers->size; i++)
        if (readers->table[i].epoch != 0 && !race_has_seen(actor, readers->table[i].epoch)) {
            race_conflict_add(conflicts, key, &readers->table[i], 0);
            return;
        }
}

/* The place of a slot in the table of readers, which has room. */
static race_access *race_reader_of(race_readers *readers, uint32_t slot)
{
    uint32_t i = (slot * 0x9E3779B9U) & (readers->size - 1);
    while (readers->table[i].epoch != 0 && race_slot(readers->table[i].epoch) != slot)
        i = (i + 1) & (readers->size - 1);
    return &readers->table[i];
}

/* The last reader goes into the table, because the next one is not ordered after it. */
static void race_spill(race_location *location, race_garbage *garbage)
{
    race_readers *readers = location->readers;
    if (readers == NULL || (readers->count + 1) * 4 > readers->size * 3) {
        uint32_t size = readers == NULL ? 4 : readers->size * 2;
        race_readers *grown = (race_readers *)calloc(1, sizeof(race_readers) + size * sizeof(race_access));
        if (grown == NULL)
            Py_FatalError("gofer.race: no memory for a shadow");
        grown->size = size;
        RACE_ADD(race_bytes, race_readers_bytes(size) - (readers == NULL ? 0 : race_readers_bytes(readers->size)));
        for (uint32_t i = 0; readers != NULL && i < readers->size; i++)
            if (readers->table[i].epoch != 0) {
                *race_reader_of(grown, race_slot(readers->table[i].epoch)) = readers->table[i];
                grown->count++;
            }
        free(readers);
        location->readers = readers = grown;
    }
    race_access *place = race_reader_of(readers, race_slot(location->read.epoch));
    if (place->epoch == 0)
        readers->count++;
    else
        garbage->objects[garbage->count++] = place->actor;
    *place = location->read;
    memset(&location->read, 0, sizeof(race_access));
}

/* Whether the actor did this, or wrote, in its present epoch. */
static inline int race_is_known(const race_location *location, const race_actor *actor, int write)
{
    return location->write.epoch == actor->epoch || (!write && location->read.epoch == actor->epoch);
}

/* Checks and records an access that is not known. */
static void race_touch(
    race_location *location, race_actor *actor, int write, uint32_t *stack, race_garbage *garbage, race_conflicts *conflicts)
{
    if (race_is_known(location, actor, write))
        return;
    race_check(location, actor, write, location->key, conflicts);
    actor->used = race_time(actor->epoch);
    if (*stack == 0)
        *stack = race_capture();
    RACE_ADD(race_accesses, 1);
    if (!write) {
        if (location->read.epoch != 0 && race_slot(location->read.epoch) != race_slot(actor->epoch)
            && (location->readers != NULL || !race_has_seen(actor, location->read.epoch)))
            race_spill(location, garbage);
        race_store(&location->read, actor, *stack, garbage);
        return;
    }
    race_store(&location->write, actor, *stack, garbage);
    if (location->read.actor != NULL) {
        garbage->objects[garbage->count++] = location->read.actor;
        memset(&location->read, 0, sizeof(race_access));
    }
    if (location->readers != NULL) {
        garbage->readers[garbage->readers[0] != NULL] = location->readers;
        location->readers = NULL;
    }
}

/* An access to a container's structure, which a deque's synchronised methods change as well. */
static void race_touch_structure(
    race_shadow *shadow, race_actor *actor, int write, uint32_t *stack, race_garbage *garbage, race_conflicts *conflicts)
{
    race_location *structure = race_location_of(shadow, RACE_STRUCTURE);
    int known = race_is_known(structure, actor, write), before;
    race_touch(structure, actor, write, stack, garbage, conflicts);
    if (known || shadow->ends < 0)
        return;
    before = conflicts->count;
    race_check(&shadow->locations[shadow->ends], actor, 1, RACE_STRUCTURE, conflicts);
    for (; before < conflicts->count; before++)
        conflicts->found[before].write = 1;
}

/* The shadow of an object that is watched from now on; NULL when it is ignored or cannot be watched. In the lock. */
static race_shadow *race_shadow_of(PyObject *target)
{
    race_shadow *shadow = race_map_find(target);
    if (shadow == NULL) {
        if (!race_watch(target))
            return NULL;
        shadow = race_shadow_new();
        race_map_set(target, shadow);
    }
    return shadow->ignored ? NULL : shadow;
}

/* An access to one variable. Whether it will do to remember it by its key: the key stays what it is as long as what is
 * known of the object holds. So it is in each of the functions below.
 */
static int race_access_one(race_actor *actor, PyObject *target, uintptr_t key, int write, race_conflicts *conflicts)
{
    race_garbage garbage = {{0}, 0, {0}, NULL};
    uint32_t stack = 0;
    int lasts = 0;
    race_map_lock(target);
    race_shadow *shadow = race_shadow_of(target);
    if (shadow != NULL) {
        shadow->loose |= race_is_element(key);
        race_location *location = race_location_of(shadow, key);
        lasts = location->key == key;
        if (key == RACE_STRUCTURE)
            race_touch_structure(shadow, actor, write, &stack, &garbage, conflicts);
        else
            race_touch(location, actor, write, &stack, &garbage, conflicts);
    }
    race_map_unlock(target);
    race_garbage_empty(&garbage);
    return lasts;
}

/* One of a deque's synchronised methods: they do not race with each other, but with whatever else needs the structure. */
static int race_access_end(race_actor *actor, PyObject *target, race_conflicts *conflicts)
{
    race_garbage garbage = {{0}, 0, {0}, NULL};
    uint32_t stack = 0;
    race_map_lock(target);
    race_shadow *shadow = race_shadow_of(target);
    if (shadow != NULL) {
        race_touch(race_location_of(shadow, RACE_ENDS), actor, 0, &stack, &garbage, conflicts);
        if (shadow->structure >= 0)
            race_check(&shadow->locations[shadow->structure], actor, 1, RACE_STRUCTURE, conflicts);
    }
    race_map_unlock(target);
    race_garbage_empty(&garbage);
    return shadow != NULL;
}

/* An access to an element: it needs the structure, and what read the whole is related to it. */
static int race_access_element(race_actor *actor, PyObject *target, uintptr_t key, int write, race_conflicts *conflicts)
{
    race_garbage garbage = {{0}, 0, {0}, NULL};
    uint32_t stack = 0;
    int lasts = 0;
    race_map_lock(target);
    race_shadow *shadow = race_shadow_of(target);
    if (shadow != NULL) {
        race_location *location = race_location_of(shadow, key);
        lasts = location->key == key;
        race_touch(location, actor, write, &stack, &garbage, conflicts);
        race_touch_structure(shadow, actor, 0, &stack, &garbage, conflicts);
        if (write && shadow->whole >= 0)
            race_check(&shadow->locations[shadow->whole], actor, 1, key, conflicts);
    }
    race_map_unlock(target);
    race_garbage_empty(&garbage);
    return lasts;
}

/* Whoever accesses an element after a write of the structure is ordered after that write, and so after all that it is
 * ordered after, or races with it: what was known of the elements is not needed any more. */
static void race_forget_elements(PyObject *target, race_shadow *shadow, uintptr_t but, race_garbage *garbage)
{
    race_outdate(target);
    race_shadow *cleared = race_shadow_new();
    *cleared = *shadow;
    cleared->notes = NULL;
    cleared->handed = NULL;
    shadow->locations = NULL;
    shadow->index = NULL;
    shadow->count = shadow->room = shadow->index_size = 0;
    shadow->structure = shadow->whole = shadow->ends = -1;
    for (uint32_t at = 0; at < cleared->count; at++) {
        race_location *old = &cleared->locations[at];
        if (race_is_element(old->key) && !race_key_equal(old->key, but))
            continue;
        race_location *location = race_location_of(shadow, old->key);
        location->write = old->write;
        location->read = old->read;
        location->readers = old->readers;
        memset(&old->write, 0, sizeof(race_access));
        memset(&old->read, 0, sizeof(race_access));
        old->readers = NULL;
    }
    garbage->cleared = cleared;
}

/* A write of the structure; `key`, unless 0, is the element that comes or goes. */
static int race_access_structure(race_actor *actor, PyObject *target, uintptr_t key, race_conflicts *conflicts)
{
    race_garbage garbage = {{0}, 0, {0}, NULL};
    uint32_t stack = 0;
    race_map_lock(target);
    race_shadow *shadow = race_shadow_of(target);
    if (shadow != NULL) {
        if (key != 0)
            race_touch(race_location_of(shadow, key), actor, 1, &stack, &garbage, conflicts);
        race_touch_structure(shadow, actor, 1, &stack, &garbage, conflicts);
        if (shadow->count > RACE_CLEARED && !shadow->loose)
            race_forget_elements(target, shadow, key, &garbage);
    }
    race_map_unlock(target);
    race_garbage_empty(&garbage);
    return shadow != NULL;
}

/* A read of all that a container holds. */
static int race_access_whole(race_actor *actor, PyObject *target, race_conflicts *conflicts)
{
    race_garbage garbage = {{0}, 0, {0}, NULL};
    uint32_t stack = 0;
    race_map_lock(target);
    race_shadow *shadow = race_shadow_of(target);
    if (shadow != NULL) {
        race_touch_structure(shadow, actor, 0, &stack, &garbage, conflicts);
        race_location *whole = race_location_of(shadow, RACE_WHOLE);
        int known = race_is_known(whole, actor, 0);
        race_touch(whole, actor, 0, &stack, &garbage, conflicts);
        for (uint32_t at = 0; !known && at < shadow->count; at++)
            if (race_is_element(shadow->locations[at].key))
                race_check(&shadow->locations[at], actor, 0, shadow->locations[at].key, conflicts);
    }
    race_map_unlock(target);
    race_garbage_empty(&garbage);
    return shadow != NULL;
}

/* A destructor starts: whoever used the object before has dropped it, which orders them. */
static void race_access_dying(race_actor *actor, PyObject *target)
{
    race_map_lock(target);
    race_shadow *shadow = race_map_find(target);
    for (uint32_t at = 0; shadow != NULL && at < shadow->count; at++) {
        race_location *location = &shadow->locations[at];
        if (location->write.epoch != 0)
            race_learn_epoch(actor, location->write.epoch);
        if (location->read.epoch != 0)
            race_learn_epoch(actor, location->read.epoch);
        race_readers *readers = location->readers;
        for (uint32_t i = 0; readers != NULL && i < readers->size; i++)
            if (readers->table[i].epoch != 0)
                race_learn_epoch(actor, readers->table[i].epoch);
    }
    race_map_unlock(target);
}

/* The dict of notes with an object, borrowed; NULL when it cannot be watched (no error set). */
static PyObject *race_notes(PyObject *target)
{
    PyObject *fresh = PyDict_New(), *notes = NULL;
    if (fresh == NULL) {
        PyErr_Clear();
        return NULL;
    }
    race_map_lock(target);
    race_shadow *shadow = race_map_find(target);
    if (shadow == NULL && race_watch(target)) {
        shadow = race_shadow_new();
        race_map_set(target, shadow);
    }
    if (shadow != NULL) {
        if (shadow->notes == NULL) {
            shadow->notes = fresh;
            fresh = NULL;
        }
        notes = shadow->notes;
    }
    race_map_unlock(target);
    Py_XDECREF(fresh);
    return notes;
}

static void race_ignore(PyObject *target)
{
    race_map_lock(target);
    race_shadow *shadow = race_shadow_of(target);
    if (shadow != NULL)
        shadow->ignored = 1;
    race_map_unlock(target);
    race_outdate(target);
}

#endif
