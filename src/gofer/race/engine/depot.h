/* The stack depot: each stack that was ever captured, once. A stack is the number of a node: innermost frame's code and
 * instruction, and the node of what called it. Line numbers are found out when a report is written.
 *
 * Walking the frames of the interpreter costs a few nanoseconds a frame. Their hash is looked up in a table of recent
 * stacks, so that a stack seen before costs no more than that walk. Nodes are kept for ever, and their code objects.
 */
#ifndef GOFER_RACE_DEPOT_H
#define GOFER_RACE_DEPOT_H

#include "frames.h"

#define RACE_RECENT 16384
#define RACE_MAX_FRAMES 128

typedef struct { PyObject *code; uint32_t lasti, caller; } race_frame;
typedef struct { uint64_t hash; uint32_t stack; } race_recent;

static race_frame *race_frames = NULL;        /* the node n is race_frames[n]; 0 is the empty stack */
static uint32_t *race_frame_index = NULL;     /* open addressing */
static uint32_t race_frame_count = 0, race_frame_room = 0, race_index_size = 0;
static race_recent race_recents[RACE_RECENT];
#ifdef Py_GIL_DISABLED
static PyMutex race_depot_mutex;
#endif

static inline uint64_t race_mix(uint64_t h, uint64_t value)
{
    h = (h ^ value) * 0x9E3779B97F4A7C15ULL;
    return h ^ (h >> 29);
}

static inline uint64_t race_frame_hash(PyObject *code, uint32_t lasti, uint32_t caller)
{
    return race_mix(race_mix((uintptr_t)code, lasti), caller);
}

static void race_depot_grow(void)
{
    uint32_t room = race_frame_room == 0 ? 4096 : race_frame_room * 2;
    race_frame *frames = (race_frame *)realloc(race_frames, room * sizeof(race_frame));
    uint32_t *index = (uint32_t *)calloc((size_t)room * 2, sizeof(uint32_t));
    if (frames == NULL || index == NULL)
        Py_FatalError("gofer.race: no memory for stacks");
    free(race_frame_index);
    race_frames = frames;
    race_frame_room = room;
    race_frame_index = index;
    race_index_size = room * 2;
    for (uint32_t n = 1; n <= race_frame_count; n++) {
        race_frame *frame = &race_frames[n];
        uint64_t at = race_frame_hash(frame->code, frame->lasti, frame->caller) & (race_index_size - 1);
        while (index[at] != 0)
            at = (at + 1) & (race_index_size - 1);
        index[at] = n;
    }
}

static uint32_t race_depot_node(PyObject *code, uint32_t lasti, uint32_t caller)
{
    if (race_frame_count + 1 >= race_frame_room)
        race_depot_grow();
    uint64_t at = race_frame_hash(code, lasti, caller) & (race_index_size - 1);
    for (uint32_t n; (n = race_frame_index[at]) != 0; at = (at + 1) & (race_index_size - 1)) {
        race_frame *frame = &race_frames[n];
        if (frame->code == code && frame->lasti == lasti && frame->caller == caller)
            return n;
    }
    race_frame *frame = &race_frames[++race_frame_count];
    frame->code = Py_NewRef(code);
    frame->lasti = lasti;
    frame->caller = caller;
    race_frame_index[at] = race_frame_count;
    return race_frame_count;
}

/* The running stack: its innermost 128 frames. */
static uint32_t race_capture(void)
{
    PyObject *codes[RACE_MAX_FRAMES];
    uint32_t lastis[RACE_MAX_FRAMES];
    int count = 0;
    uint64_t hash = 0;
    gofer_frame *frame = gofer_frame_here();
    for (; frame != NULL && count < RACE_MAX_FRAMES; frame = frame->previous) {
        if (GOFER_IS_ENTRY(frame))
            continue;
        codes[count] = gofer_frame_code(frame);
        lastis[count] = (uint32_t)gofer_frame_lasti(frame);
        hash = race_mix(race_mix(hash, (uintptr_t)codes[count]), lastis[count]);
        count++;
    }
    race_recent *recent = &race_recents[hash & (RACE_RECENT - 1)];
    RACE_MUTEX_LOCK(race_depot_mutex);
    uint32_t stack = recent->stack;
    if (recent->hash != hash || stack == 0) {
        stack = 0;
        while (count-- > 0)
            stack = race_depot_node(codes[count], lastis[count], stack);
        recent->hash = hash;
        recent->stack = stack;
    }
    RACE_MUTEX_UNLOCK(race_depot_mutex);
    return stack;
}

static size_t race_depot_bytes(void)
{
    return race_frame_room * sizeof(race_frame) + race_index_size * sizeof(uint32_t) + sizeof(race_recents);
}

/* (code, last instruction, code, last instruction, ...), innermost first. */
static PyObject *race_stack(uint32_t stack)
{
    PyObject *found = PyList_New(0);
    while (found != NULL && stack != 0) {
        RACE_MUTEX_LOCK(race_depot_mutex);
        race_frame frame = race_frames[stack];
        RACE_MUTEX_UNLOCK(race_depot_mutex);
        PyObject *lasti = PyLong_FromUnsignedLong(frame.lasti);
        if (lasti == NULL || PyList_Append(found, frame.code) < 0 || PyList_Append(found, lasti) < 0)
            Py_CLEAR(found);
        Py_XDECREF(lasti);
        stack = frame.caller;
    }
    PyObject *result = found == NULL ? NULL : PyList_AsTuple(found);
    Py_XDECREF(found);
    return result;
}

#endif
