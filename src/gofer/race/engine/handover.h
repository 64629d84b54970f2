/* A deque's synchronised methods: `append` and `appendleft` release with the value, `pop` and `popleft` acquire it.
 * The clocks wait with the deque's shadow, in the order of the values.
 */
#ifndef GOFER_RACE_HANDOVER_H
#define GOFER_RACE_HANDOVER_H

#include "access.h"

static PyObject *(*race_released)(void) = NULL;  /* a clock of what the running actor did so far; a new reference */
static void (*race_acquired)(PyObject *) = NULL; /* the running actor has seen what was released with a clock */

static void race_handover_start(PyObject *(*released)(void), void (*acquired)(PyObject *))
{
    race_released = released;
    race_acquired = acquired;
}

static void race_handed_grow(race_handed *handed)
{
    uint32_t room = handed->room == 0 ? 8 : handed->room * 2;
    race_waiting *items = (race_waiting *)malloc(room * sizeof(race_waiting));
    if (items == NULL)
        Py_FatalError("gofer.race: no memory for a shadow");
    for (uint32_t i = 0; i < handed->count; i++)
        items[i] = handed->items[(handed->head + i) & (handed->room - 1)];
    RACE_ADD(race_bytes, (Py_ssize_t)((room - handed->room) * sizeof(race_waiting)));
    free(handed->items);
    handed->items = items;
    handed->head = 0;
    handed->room = room;
}

/* Takes out the clock at the other end. */
static PyObject *race_handed_drop(race_handed *handed, int left)
{
    uint32_t at = left ? handed->head + handed->count - 1 : handed->head++;
    handed->count--;
    return handed->items[at & (handed->room - 1)].clock;
}

/* A value is about to be put into a deque. */
static int race_hand_over(PyObject *target, PyObject *value, int left)
{
    race_actor *actor = race_recording();
    if (actor == NULL)
        return 0;
    if (race_end(actor, target) < 0)
        return -1;
    PyObject *clock = race_released(), *dropped = NULL;
    if (clock == NULL)
        return -1;
    Py_ssize_t size = Py_SIZE(target); /* not by its __len__, which may be the program's */
    race_map_lock(target);
    race_shadow *shadow = race_shadow_of(target);
    if (shadow != NULL) {
        if (shadow->handed == NULL) {
            shadow->handed = (race_handed *)calloc(1, sizeof(race_handed));
            if (shadow->handed == NULL)
                Py_FatalError("gofer.race: no memory for a shadow");
            RACE_ADD(race_bytes, (Py_ssize_t)sizeof(race_handed));
        }
        race_handed *handed = shadow->handed;
        if (handed->count == handed->room)
            race_handed_grow(handed);
        if (handed->count > RACE_HANDED_NEAR + 2 * (size_t)size) /* of values that went in another way */
            dropped = race_handed_drop(handed, left);
        handed->head -= left;
        uint32_t at = (left ? handed->head : handed->head + handed->count) & (handed->room - 1);
        handed->items[at] = (race_waiting){value, clock};
        handed->count++;
        clock = NULL;
    }
    race_map_unlock(target);
    Py_XDECREF(clock);
    Py_XDECREF(dropped);
    return 0;
}

/* Takes out the clock of a value, nearest to the end that it came from; NULL when there is none. */
static PyObject *race_handed_take(race_handed *handed, PyObject *value, int left)
{
    uint32_t mask = handed->room - 1, most = handed->count < RACE_HANDED_NEAR ? handed->count : RACE_HANDED_NEAR;
    for (uint32_t i = 0; i < most; i++) {
        uint32_t place = left ? i : handed->count - 1 - i;
        race_waiting found = handed->items[(handed->head + place) & mask];
        if (found.value != value)
            continue;
        if (left) {
            for (; place > 0; place--)
                handed->items[(handed->head + place) & mask] = handed->items[(handed->head + place - 1) & mask];
            handed->head++;
        }
        else {
            for (; place + 1 < handed->count; place++)
                handed->items[(handed->head + place) & mask] = handed->items[(handed->head + place + 1) & mask];
        }
        handed->count--;
        return found.clock;
    }
    return NULL;
}

/* A value has come out of a deque. */
static int race_take_over(PyObject *target, PyObject *value, int left)
{
    PyObject *clock = NULL;
    race_actor *actor = race_recording();
    if (actor == NULL)
        return 0;
    race_map_lock(target);
    race_shadow *shadow = race_map_find(target);
    if (shadow != NULL && shadow->handed != NULL)
        clock = race_handed_take(shadow->handed, value, left);
    race_map_unlock(target);
    if (clock != NULL)
        race_acquired(clock);
    Py_XDECREF(clock);
    return race_end(actor, target);
}

#endif
