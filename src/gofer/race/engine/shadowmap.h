/* The table from an object's address to its shadow, and the watch on deallocation that keeps it true.
 *
 * While an object is in the table its type's tp_dealloc (that of the first base type which is not a plain Python
 * class) is one of the trampolines below: it forgets the shadow, then calls the original. So an address is never
 * looked up for another object than the one it was entered for, and the table keeps nothing alive.
 * Trampolines stay in place once set: an object entered may die at any time.
 */
#ifndef GOFER_RACE_SHADOWMAP_H
#define GOFER_RACE_SHADOWMAP_H

#include <stdint.h>
#include <stdlib.h>
#include "known.h"

typedef struct race_shadow race_shadow;
static void race_shadow_free(race_shadow *shadow);

typedef struct {
    void *key;
    race_shadow *value;
} race_entry;

typedef struct {
    race_entry *entries;
    size_t size, used;
#ifdef Py_GIL_DISABLED
    PyMutex mutex;
#endif
} race_shard;

#ifdef Py_GIL_DISABLED
#define RACE_SHARDS 64
#define RACE_LOCK(shard) PyMutex_Lock(&(shard)->mutex)
#define RACE_UNLOCK(shard) PyMutex_Unlock(&(shard)->mutex)
#else
#define RACE_SHARDS 1
#define RACE_LOCK(shard)
#define RACE_UNLOCK(shard)
#endif

static race_shard race_map[RACE_SHARDS];

static inline uint64_t race_hash(void *key)
{
    uint64_t h = ((uint64_t)(uintptr_t)key >> 4) * 0x9E3779B97F4A7C15ULL;
    return h ^ (h >> 32);
}

static inline race_shard *race_shard_of(void *key)
{
#if RACE_SHARDS == 1
    return &race_map[0];
#else
    return &race_map[(race_hash(key) >> 20) & (RACE_SHARDS - 1)];
#endif
}

static inline void race_map_lock(void *key) { race_shard *shard = race_shard_of(key); (void)shard; RACE_LOCK(shard); }
static inline void race_map_unlock(void *key) { race_shard *shard = race_shard_of(key); (void)shard; RACE_UNLOCK(shard); }

static inline race_entry *race_find_entry(race_shard *shard, void *key)
{
    if (shard->size == 0)
        return NULL;
    size_t mask = shard->size - 1;
    for (size_t i = race_hash(key) & mask;; i = (i + 1) & mask) {
        race_entry *entry = &shard->entries[i];
        if (entry->key == key)
            return entry;
        if (entry->key == NULL)
            return NULL;
    }
}

/* The shadow of an object or NULL; the caller holds the lock of the key. */
static inline race_shadow *race_map_find(void *key)
{
    race_entry *entry = race_find_entry(race_shard_of(key), key);
    return entry == NULL ? NULL : entry->value;
}

static void race_map_resize(race_shard *shard, size_t size)
{
    race_entry *entries = (race_entry *)calloc(size, sizeof(race_entry));
    if (entries == NULL)
        Py_FatalError("gofer.race: no memory for shadows");
    for (size_t i = 0; i < shard->size; i++) {
        race_entry *old = &shard->entries[i];
        if (old->key == NULL)
            continue;
        size_t j = race_hash(old->key) & (size - 1);
        while (entries[j].key != NULL)
            j = (j + 1) & (size - 1);
        entries[j] = *old;
    }
    RACE_ADD(race_bytes, ((Py_ssize_t)size - (Py_ssize_t)shard->size) * (Py_ssize_t)sizeof(race_entry));
    free(shard->entries);
    shard->entries = entries;
    shard->size = size;
}

/* Enters one that is not there; the caller holds the lock of the key. */
static void race_map_set(void *key, race_shadow *value)
{
    race_shard *shard = race_shard_of(key);
    if ((shard->used + 1) * 3 > shard->size * 2)
        race_map_resize(shard, shard->size == 0 ? 1024 : shard->size * 2);
    size_t mask = shard->size - 1, i = race_hash(key) & mask;
    while (shard->entries[i].key != NULL)
        i = (i + 1) & mask;
    shard->entries[i].key = key;
    shard->entries[i].value = value;
    shard->used++;
}

/* Takes an entry out and moves up those after it that the gap would hide. */
static void race_map_unlink(race_shard *shard, race_entry *entry)
{
    size_t mask = shard->size - 1, gap = (size_t)(entry - shard->entries);
    for (size_t i = (gap + 1) & mask; shard->entries[i].key != NULL; i = (i + 1) & mask) {
        size_t home = race_hash(shard->entries[i].key) & mask;
        if (((i - home) & mask) >= ((i - gap) & mask)) {
            shard->entries[gap] = shard->entries[i];
            gap = i;
        }
    }
    shard->entries[gap].key = NULL;
    shard->entries[gap].value = NULL;
    shard->used--;
    if (shard->size > 65536 && shard->used * 16 < shard->size)
        race_map_resize(shard, shard->size / 4);
}

static void race_map_forget(void *key)
{
    race_shard *shard = race_shard_of(key);
    race_shadow *old = NULL;
    RACE_LOCK(shard);
    race_entry *entry = race_find_entry(shard, key);
    if (entry != NULL) {
        old = entry->value;
        race_map_unlink(shard, entry);
        race_outdate(key);
    }
    RACE_UNLOCK(shard);
    if (old != NULL)
        race_shadow_free(old);
}

static size_t race_map_count(void)
{
    size_t count = 0;
    for (int i = 0; i < RACE_SHARDS; i++)
        count += race_map[i].used;
    return count;
}

/* ---- the watch on deallocation ---- */

#define RACE_HOOKS 96
static destructor race_original[RACE_HOOKS];
static int race_hooks_used = 0;
#ifdef Py_GIL_DISABLED
static PyMutex race_hooks_mutex;
#endif

/* The interpreter's own limit on nested deallocations ("trashcan") looks at tp_dealloc and is off for a type whose
 * tp_dealloc is a trampoline (up to 3.13), so nested lists would overflow the C stack: deep ones wait here instead.
 * Only objects of exactly the watched type: a subclass's deallocation goes on after its base's and has its own limit. */
#define RACE_DEEP 50
static __thread int race_depth = 0;
typedef struct { PyObject *object; int tracked; } race_put_off_object;
static __thread race_put_off_object *race_late = NULL;
static __thread size_t race_late_count = 0, race_late_room = 0;

static int race_put_off(PyObject *op)
{
    if (race_late_count == race_late_room) {
        size_t room = race_late_room == 0 ? 256 : race_late_room * 2;
        race_put_off_object *grown = (race_put_off_object *)realloc(race_late, room * sizeof(race_put_off_object));
        if (grown == NULL)
            return 0;
        race_late = grown;
        race_late_room = room;
    }
    int tracked = PyObject_IS_GC(op) && PyObject_GC_IsTracked(op);
    if (tracked)
        PyObject_GC_UnTrack(op);
    race_late[race_late_count++] = (race_put_off_object){op, tracked};
    return 1;
}

static void race_die(PyObject *op, destructor trampoline, destructor original)
{
    race_map_forget(op);
    if (PY_VERSION_HEX >= 0x030E0000 || Py_TYPE(op)->tp_dealloc != trampoline) {
        original(op);
        return;
    }
    if (race_depth >= RACE_DEEP && race_put_off(op))
        return;
    race_depth++;
    original(op);
    race_depth--;
    while (race_depth == 0 && race_late_count > 0) {
        race_put_off_object late = race_late[--race_late_count];
        destructor again = Py_TYPE(late.object)->tp_dealloc;
        if (late.tracked) /* many a tp_dealloc takes for granted that the collector knows the object */
            PyObject_GC_Track(late.object);
        again(late.object);
    }
    if (race_depth == 0 && race_late_room > 4096) {
        free(race_late);
        race_late = NULL;
        race_late_room = 0;
    }
}

#define RACE_TRAMPOLINE(n) \
    static void race_dealloc_##n(PyObject *op) { race_die(op, race_dealloc_##n, race_original[n]); }
#define RACE_EIGHT(X, n) X(n##0) X(n##1) X(n##2) X(n##3) X(n##4) X(n##5) X(n##6) X(n##7)
#define RACE_ALL(X) \
    RACE_EIGHT(X, 1) RACE_EIGHT(X, 2) RACE_EIGHT(X, 3) RACE_EIGHT(X, 4) RACE_EIGHT(X, 5) RACE_EIGHT(X, 6) \
    RACE_EIGHT(X, 7) RACE_EIGHT(X, 8) 
RACE_ALL(RACE_TRAMPOLINE)
#define RACE_NAME(n) race_dealloc_##n,
static destructor race_trampolines[] = {RACE_ALL(RACE_NAME)};
#define RACE_NUMBER(n) n,
static const int race_numbers[] = {RACE_ALL(RACE_NUMBER)};
#define RACE_TRAMPOLINE_COUNT ((int)(sizeof(race_numbers) / sizeof(int)))

static destructor race_subtype_dealloc = NULL;

/* Called once with any class made by a class statement. */
static void race_watch_start(PyObject *plain_class)
{
    race_subtype_dealloc = ((PyTypeObject *)plain_class)->tp_dealloc;
}

/* Makes sure that the death of the object will be seen; false when it cannot be. */
static int race_watch(PyObject *op)
{
    PyTypeObject *type = Py_TYPE(op);
    while (type->tp_dealloc == race_subtype_dealloc && type->tp_base != NULL)
        type = type->tp_base;
    for (int i = 0; i < race_hooks_used; i++)
        if (type->tp_dealloc == race_trampolines[i])
            return 1;
    int done = 0;
#ifdef Py_GIL_DISABLED
    PyMutex_Lock(&race_hooks_mutex);
#endif
    for (int i = 0; !done && i < race_hooks_used; i++) /* another thread may have done it meanwhile */
        done = type->tp_dealloc == race_trampolines[i];
    if (!done && race_hooks_used < RACE_TRAMPOLINE_COUNT && type->tp_dealloc != race_subtype_dealloc) {
        int i = race_hooks_used;
        race_original[race_numbers[i]] = type->tp_dealloc;
        type->tp_dealloc = race_trampolines[i];
        race_hooks_used++;
        done = 1;
    }
#ifdef Py_GIL_DISABLED
    PyMutex_Unlock(&race_hooks_mutex);
#endif
    return done;
}

#endif
