/* The stacks of threads, and of greenlets that wait, at one moment: for the one module that asks (census).

   Between `begin` and `end` nothing else runs Python: beside the GIL because this thread has it, on free-threaded builds
   because the world is stopped. So what comes in between must not wait, give up the GIL or run Python, and makes no
   objects: what is found is put into a pile, with a reference to each object, and read afterwards in the same order.
   The calling thread's own stack may be put without stopping the others. */
#ifndef GOFER_STACKS_H
#define GOFER_STACKS_H
#include "switch.h"

typedef struct {
    intptr_t *words;
    size_t used, room, read;
} gofer_words;

typedef struct {
    gofer_words objects, numbers;
    char stopped;
    char failed;  /* for want of memory */
} gofer_pile;

#ifdef Py_GIL_DISABLED
PyAPI_FUNC(void) _PyEval_StopTheWorld(PyInterpreterState *interp);
PyAPI_FUNC(void) _PyEval_StartTheWorld(PyInterpreterState *interp);
#endif

static void *gofer_stacks_begin(int others) {
    gofer_pile *pile = PyMem_RawCalloc(1, sizeof(gofer_pile));
    if (!pile)
        return PyErr_NoMemory();
#ifdef Py_GIL_DISABLED
    pile->stopped = (char)others;
    if (others)
        _PyEval_StopTheWorld(PyInterpreterState_Get());
#endif
    return pile;
}

static void gofer_stacks_end(void *pile) {
#ifdef Py_GIL_DISABLED
    if (((gofer_pile *)pile)->stopped)
        _PyEval_StartTheWorld(PyInterpreterState_Get());
#endif
}

static int gofer_stacks_put(gofer_pile *pile, gofer_words *kind, intptr_t word) {
    if (kind->used == kind->room) {
        size_t room = kind->room ? 2 * kind->room : 1024;
        intptr_t *words = pile->failed ? NULL : PyMem_RawRealloc(kind->words, room * sizeof(intptr_t));
        if (!words) {
            pile->failed = 1;
            return 0;
        }
        kind->words = words;
        kind->room = room;
    }
    kind->words[kind->used++] = word;
    return 1;
}

static void gofer_stacks_put_number(void *pile, long number) {
    gofer_stacks_put(pile, &((gofer_pile *)pile)->numbers, number);
}

/* What a borrowed reference refers to, which may be NULL. */
static void gofer_stacks_put_object(void *pile, void *object) {
    if (gofer_stacks_put(pile, &((gofer_pile *)pile)->objects, (intptr_t)object))
        Py_XINCREF((PyObject *)object);
}

/* A stack: for each frame its code, the offset of its instruction and its arguments; -1 is its end. */
static void gofer_stacks_put_frames(gofer_pile *pile, gofer_frame *frame, int most) {
    for (; frame && most > 0 && !pile->failed; frame = frame->previous) {
        if (!gofer_frame_has_begun(frame))
            continue;
        most--;
        PyCodeObject *code = (PyCodeObject *)gofer_frame_code(frame);
        gofer_stacks_put_number(pile, (long)gofer_frame_lasti(frame));
        gofer_stacks_put_object(pile, code);
        for (int place = 0; place < gofer_frame_arguments(code); place++)
            gofer_stacks_put_object(pile, gofer_frame_argument(frame, code, place));
    }
    gofer_stacks_put_number(pile, -1);
}

/* The stack of a thread, by its identifier, or the newest part of it; an empty one where there is no such thread. */
static void gofer_stacks_put_thread(void *pile, unsigned long ident, int most) {
    PyThreadState *at = PyInterpreterState_ThreadHead(PyInterpreterState_Get());
    while (at && at->thread_id != ident)
        at = PyThreadState_Next(at);
    gofer_stacks_put_frames(pile, at ? gofer_frame_newest(at) : NULL, most);
}

/* The stack of a greenlet that waits; false, and nothing is put, where it does not. */
static int gofer_stacks_put_waiting(void *pile, PyObject *greenlet) {
    gofer_frame *frame = gofer_switch_waiting(greenlet);
    if (frame)
        gofer_stacks_put_frames(pile, frame, INT_MAX);
    return frame != NULL;
}

/* Afterwards; -1 and None for what could not be put. */
static long gofer_stacks_next_number(void *pile) {
    gofer_words *numbers = &((gofer_pile *)pile)->numbers;
    return numbers->read < numbers->used ? (long)numbers->words[numbers->read++] : -1;
}

static PyObject *gofer_stacks_next(void *pile) {
    gofer_words *objects = &((gofer_pile *)pile)->objects;
    return objects->read < objects->used ? (PyObject *)objects->words[objects->read++] : NULL;
}

static PyObject *gofer_stacks_next_object(void *pile) {
    PyObject *object = gofer_stacks_next(pile);
    return object ? object : Py_NewRef(Py_None);
}

/* A tuple of names and values in turn: the arguments that have a value. */
static PyObject *gofer_stacks_next_arguments(void *pile, PyObject *code_object) {
    PyCodeObject *code = (PyCodeObject *)code_object;
    PyObject *found = PyList_New(0);
    for (int place = 0; place < gofer_frame_arguments(code); place++) {
        PyObject *value = gofer_stacks_next(pile);
        PyObject *name = PyTuple_GET_ITEM(code->co_localsplusnames, place);
        if (value && found && (PyList_Append(found, name) < 0 || PyList_Append(found, value) < 0))
            Py_CLEAR(found);
        Py_XDECREF(value);
    }
    PyObject *arguments = found ? PyList_AsTuple(found) : NULL;
    Py_XDECREF(found);
    return arguments;
}

/* What has not been read is let go; raises where memory was short. */
static int gofer_stacks_clear(void *pile) {
    gofer_pile *done = pile;
    int failed = done->failed;
    while (done->objects.read < done->objects.used)
        Py_XDECREF(gofer_stacks_next(done));
    PyMem_RawFree(done->objects.words);
    PyMem_RawFree(done->numbers.words);
    PyMem_RawFree(done);
    if (failed)
        PyErr_NoMemory();
    return failed ? -1 : 0;
}
#endif
