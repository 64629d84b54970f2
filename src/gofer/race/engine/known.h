/* What need not be recorded again: an access that the same actor made before in the same epoch.
 *
 * One word stands for an epoch, an object, a variable of it and what was done; equal words are taken for equal things,
 * at odds of one in 2^64. The words of late are in a table, one place each, so most accesses of a program end after one
 * load and one comparison. An object's generation is part of its words: whenever something that was known of an address
 * may not be true any more, because the object there has died for example, the generation goes up.
 */
#ifndef GOFER_RACE_KNOWN_H
#define GOFER_RACE_KNOWN_H

#include <stdint.h>

#define RACE_KNOWN_BITS 14
#define RACE_GENERATION_BITS 12

#ifdef Py_GIL_DISABLED
#define RACE_LOAD(place) __atomic_load_n(&(place), __ATOMIC_ACQUIRE)
#define RACE_PUT(place, value) __atomic_store_n(&(place), (value), __ATOMIC_RELEASE)
#else
#define RACE_LOAD(place) (place)
#define RACE_PUT(place, value) ((place) = (value))
#endif

enum { RACE_READ = 0, RACE_WRITE = 1, RACE_ELEMENT_READ = 2, RACE_ELEMENT_WRITE = 3 };
#define RACE_CLASSES_READ RACE_ELEMENT_READ /* of an attribute: of the classes that a look-up goes through */

static uint64_t race_known[1 << RACE_KNOWN_BITS];
static uint32_t race_generations[1 << RACE_GENERATION_BITS];

static inline uint32_t *race_generation_of(void *target)
{
    return &race_generations[((uint64_t)(uintptr_t)target * 0x9E3779B97F4A7C15ULL) >> (64 - RACE_GENERATION_BITS)];
}

/* What is known of the object's address holds no longer. */
static inline void race_outdate(void *target)
{
#ifdef Py_GIL_DISABLED
    __atomic_add_fetch(race_generation_of(target), 1, __ATOMIC_ACQ_REL);
#else
    ++*race_generation_of(target);
#endif
}

static inline uint64_t race_word(uint64_t epoch, void *target, uintptr_t key, int how)
{
    uint64_t h = (uint64_t)(uintptr_t)target * 0x9E3779B97F4A7C15ULL;
    h += epoch * 0xC2B2AE3D27D4EB4FULL;
    h += ((uint64_t)key * 4 + (uint64_t)how) * 0x165667B19E3779F9ULL;
    return h + RACE_LOAD(*race_generation_of(target)) * 0xD6E8FEB86659FD93ULL;
}

static inline int race_is_recorded(uint64_t word)
{
    return RACE_LOAD(race_known[(word ^ word >> 29) & ((1 << RACE_KNOWN_BITS) - 1)]) == word;
}

static inline void race_remember(uint64_t word)
{
    RACE_PUT(race_known[(word ^ word >> 29) & ((1 << RACE_KNOWN_BITS) - 1)], word);
}

#endif
