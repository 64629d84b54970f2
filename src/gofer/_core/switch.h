/* Switching between greenlets, for the one module that does it (scheduler), and the memory that a greenlet starts with. */
#ifndef GOFER_SWITCH_H
#define GOFER_SWITCH_H
#include "greenlet.h"

static int gofer_switch_load(void) {
    PyGreenlet_Import();
    return _PyGreenlet_API ? 0 : -1;
}

/* Returns when somebody switches back; what it was given is of no interest. */
static inline int gofer_switch_to(PyObject *target) {
    PyObject *result = PyGreenlet_Switch((PyGreenlet *)target, NULL, NULL);
    if (!result)
        return -1;
    Py_DECREF(result);
    return 0;
}

/* Until Python 3.14 a daemon thread that wants the GIL while the interpreter ends is ended by `pthread_exit`, which
   unwinds its C stack and runs the destructors of greenlet's C++ frames there: without the GIL, on stacks of which parts
   have been copied away. It crashed one exit in 40. So what a greenlet calls is called through here: the thread that is
   unwound to here sleeps for ever, as from 3.14 on. (`-fexceptions` makes C clean up as it unwinds.) */
#if PY_VERSION_HEX < 0x030E0000 && defined(__GNUC__)
#include <unistd.h>
static void gofer_switch_stays(char *inside) {
    while (*inside)
        pause();
}
static PyObject *gofer_switch_run(PyObject *run, PyObject *unused) {
    char inside __attribute__((cleanup(gofer_switch_stays))) = 1;
    PyObject *result = PyObject_CallNoArgs(run);
    *(volatile char *)&inside = 0;
    return result;
}
static PyMethodDef gofer_switch_run_def = {"run", gofer_switch_run, METH_NOARGS, NULL};
#define gofer_switch_callable(run) PyCFunction_New(&gofer_switch_run_def, (run))
#else
#define gofer_switch_callable(run) Py_NewRef(run)
#endif

/* PyGreenlet_New makes a dict of keywords and looks them up: twice the instructions. The attributes that a greenlet
   could have are 64 bytes more of each goroutine that waits; whoever asks for them makes them again. */
static PyObject *gofer_switch_new(PyObject *run) {
    PyObject *callable = gofer_switch_callable(run);
    PyObject *made = callable ? PyObject_CallOneArg((PyObject *)&PyGreenlet_Type, callable) : NULL;
    Py_XDECREF(callable);
    if (made)
        Py_CLEAR(((PyGreenlet *)made)->dict);
    return made;
}

static PyObject *gofer_switch_current(void) {
    return (PyObject *)PyGreenlet_GetCurrent();
}

/* Calls fn(*args, **kwargs) in a context. NULL: it returned. Otherwise the exception that left it, a new reference.
   A `try` of Cython's would lie on the C stack of every parked goroutine, and be copied with each switch. */
static PyObject *gofer_switch_call(PyObject *fn, PyObject *args, PyObject *kwargs, PyObject *context) {
    if (PyContext_Enter(context) < 0)
        goto failed;
    PyObject *result = PyObject_Call(fn, args, kwargs == Py_None ? NULL : kwargs);
    if (result)
        Py_DECREF(result);
    {
        PyObject *type = NULL, *value = NULL, *traceback = NULL;
        if (!result)
            PyErr_Fetch(&type, &value, &traceback);
        if (PyContext_Exit(context) < 0)
            PyErr_Clear();
        if (result)
            return NULL;
        PyErr_Restore(type, value, traceback);
    }
failed: {
        PyObject *type, *value, *traceback;
        PyErr_Fetch(&type, &value, &traceback);
        PyErr_NormalizeException(&type, &value, &traceback);
        if (traceback) {
            PyException_SetTraceback(value, traceback);
            Py_DECREF(traceback);
        }
        Py_XDECREF(type);
        return value;
    }
}

/* Where the caller of the core is: its code object (a new reference) and the offset of its instruction. */
static PyObject *gofer_switch_caller_code(void) {
    PyFrameObject *frame = PyEval_GetFrame();
    return frame ? (PyObject *)PyFrame_GetCode(frame) : Py_NewRef(Py_None);
}

static int gofer_switch_caller_lasti(void) {
    PyFrameObject *frame = PyEval_GetFrame();
    return frame ? PyFrame_GetLasti(frame) : -1;
}

/* Each greenlet maps a chunk of 16 KB for its Python frames when it starts and unmaps it when it ends, through the
   arena allocator: 8 us. Chunks of exactly that size are kept for the next greenlet: 0.8 us. Bounded, so that what a
   million goroutines used goes back to the system. */
#define GOFER_CHUNK_BYTES 16384
#define GOFER_CHUNKS_KEPT 2048
#define GOFER_FRAMES_BYTES 1008
static PyObjectArenaAllocator gofer_arena;
static void *gofer_chunks = NULL;
static int gofer_chunks_kept = 0;
static char gofer_chunks_busy = 0;

static void *gofer_chunk_alloc(void *ctx, size_t size) {
    void *chunk = NULL;
    if (size == GOFER_CHUNK_BYTES && gofer_chunks && !__atomic_test_and_set(&gofer_chunks_busy, __ATOMIC_ACQUIRE)) {
        chunk = gofer_chunks;
        if (chunk) {
            gofer_chunks = *(void **)chunk;
            gofer_chunks_kept--;
        }
        __atomic_clear(&gofer_chunks_busy, __ATOMIC_RELEASE);
    }
    return chunk ? chunk : gofer_arena.alloc(gofer_arena.ctx, size);
}

static void gofer_chunk_free(void *ctx, void *chunk, size_t size) {
    if (size == GOFER_FRAMES_BYTES) {
        PyMem_RawFree(chunk);
        return;
    }
    if (size == GOFER_CHUNK_BYTES && !__atomic_test_and_set(&gofer_chunks_busy, __ATOMIC_ACQUIRE)) {
        int keep = gofer_chunks_kept < GOFER_CHUNKS_KEPT;
        if (keep) {
            *(void **)chunk = gofer_chunks;
            gofer_chunks = chunk;
            gofer_chunks_kept++;
        }
        __atomic_clear(&gofer_chunks_busy, __ATOMIC_RELEASE);
        if (keep)
            return;
    }
    gofer_arena.free(gofer_arena.ctx, chunk, size);
}

static void gofer_switch_keep_chunks(void) {
    PyObject_GetArenaAllocator(&gofer_arena);
    PyObjectArenaAllocator ours = {NULL, gofer_chunk_alloc, gofer_chunk_free};
    PyObject_SetArenaAllocator(&ours);
}

/* Where the interpreter may stop this thread, or give the GIL to another one: between two goroutines of which neither
   ever runs Python code (`list(ch)`, `go(ch.send, x)`) there is no other place. */
static void gofer_switch_safe_point(void) {
    PyThreadState *tstate = PyEval_SaveThread();
    PyEval_RestoreThread(tstate);
}

/* A greenlet's first Python frame makes the interpreter map such a chunk, of which a goroutine that waits has touched
   one page: 4 KB, and a page fault. So a carrier begins with a small chunk of its own, which holds the frames of most
   goroutines that wait; for more the interpreter adds one of its own, and takes it off again. The first word of a
   first chunk stays free, as in the interpreter's own, so that it never takes this one off: greenlet does, when the
   carrier ends, and frees it through the arena allocator. */
#if PY_VERSION_HEX < 0x030F0000
static void gofer_switch_begin_frames(void) {
    PyThreadState *tstate = PyThreadState_Get();
    _PyStackChunk *chunk = tstate->datastack_chunk ? NULL : PyMem_RawMalloc(GOFER_FRAMES_BYTES);
    if (!chunk)
        return;
    chunk->previous = NULL;
    chunk->size = GOFER_FRAMES_BYTES;
    chunk->top = 0;
    tstate->datastack_chunk = chunk;
    tstate->datastack_top = &chunk->data[1];
    tstate->datastack_limit = (PyObject **)((char *)chunk + GOFER_FRAMES_BYTES);
}
#else /* not looked at yet */
#define gofer_switch_begin_frames() ((void)0)
#endif

/* The worker of this thread, borrowed; NULL in a foreign thread. (glibc keeps room for a few such variables of modules
   that are loaded later; they are read in one instruction where others cost a call.) */
#ifdef __GLIBC__
static __thread PyObject *gofer_this_worker __attribute__((tls_model("initial-exec"))) = NULL;
#else
static __thread PyObject *gofer_this_worker = NULL;
#endif
#define gofer_switch_worker() ((void *)gofer_this_worker)
#define gofer_switch_set_worker(w) (gofer_this_worker = (PyObject *)(w))
#endif
