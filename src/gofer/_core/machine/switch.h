/* Switching between greenlets, for the one module that does it (scheduler), and the memory that a greenlet starts with. */
#ifndef GOFER_SWITCH_H
#define GOFER_SWITCH_H
#include "greenlet.h"
#include "frames.h"

/* How greenlet finds the newest frame of one that waits: its own getter, called without a look-up of the name. */
static PyGetSetDef *gofer_switch_gr_frame = NULL;

static int gofer_switch_load(void) {
    PyGreenlet_Import();
    if (!_PyGreenlet_API)
        return -1;
    for (PyGetSetDef *each = PyGreenlet_Type.tp_getset; each && each->name; each++)
        if (!strcmp(each->name, "gr_frame"))
            gofer_switch_gr_frame = each;
    if (gofer_switch_gr_frame)
        return 0;
    PyErr_SetString(PyExc_ImportError, "gofer does not know this greenlet: it has no gr_frame");
    return -1;
}

/* The newest frame of a greenlet that waits, and of nobody's meanwhile; NULL for one that runs, has not begun or is
   over. Greenlet leaves out of the chain what lies on the C stack. */
static gofer_frame *gofer_switch_waiting(PyObject *greenlet) {
    PyObject *top = gofer_switch_gr_frame->get(greenlet, gofer_switch_gr_frame->closure);
    gofer_frame *frame = top && PyFrame_Check(top) ? ((PyFrameObject *)top)->f_frame : NULL;
    Py_XDECREF(top);  /* greenlet has it too */
    return frame;
}

/* The free-threaded interpreter does not count what a frame refers to where that has its count deferred: functions,
   code, types, modules. Its collector looks for such references in the frames of threads, and until 3.15 greenlet does
   not show it the frames that wait: a function of which only a parked call was left was freed. So they are shown here,
   those of every greenlet. */
#if defined(Py_GIL_DISABLED) && PY_VERSION_HEX < 0x030F0000
static traverseproc gofer_switch_traverse_greenlet = NULL;

/* The last collections of an interpreter that ends have everything counted from then on. So what waits is counted too,
   as generators' frames are, and outlives the end, as it does beside a GIL. */
static inline void gofer_switch_count(_PyStackRef *slot) {
    if (Py_IsFinalizing())
        *slot = PyStackRef_AsStrongReference(*slot);
}

#define GOFER_VISIT_UNCOUNTED(slot)                                              \
    if (PyStackRef_IsDeferred(slot) && !PyStackRef_IsNullOrInt(slot)) {          \
        Py_VISIT(PyStackRef_AsPyObjectBorrow(slot));                             \
        gofer_switch_count(&(slot));                                             \
    }

/* The collector passes no argument to `visit` where it subtracts the references that it finds from the counts. */
static int gofer_switch_traverse(PyObject *self, visitproc visit, void *arg) {
    int result = gofer_switch_traverse_greenlet(self, visit, arg);
    if (result || !arg)
        return result;
    for (gofer_frame *frame = gofer_switch_waiting(self); frame; frame = frame->previous) {
        GOFER_VISIT_UNCOUNTED(frame->f_executable);
        GOFER_VISIT_UNCOUNTED(frame->f_funcobj);
        for (_PyStackRef *slot = frame->localsplus; slot < frame->stackpointer; slot++)
            GOFER_VISIT_UNCOUNTED(*slot);
    }
    return 0;
}

static void gofer_switch_show_frames(void) {
    gofer_switch_traverse_greenlet = PyGreenlet_Type.tp_traverse;
    PyGreenlet_Type.tp_traverse = gofer_switch_traverse;
}
#else
#define gofer_switch_show_frames() ((void)0)
#endif

/* What `gc.freeze` has been called on the collector leaves out, and with it what a greenlet comes to refer to later. So
   one that ran then is taken out of the frozen before it waits. (What its frames refer to already is frozen too.) */
#ifdef Py_GIL_DISABLED
#include "internal/pycore_gc.h"
static inline void gofer_switch_thaw(PyObject *greenlet) {
    if (greenlet->ob_gc_bits & _PyGC_BITS_FROZEN)
        greenlet->ob_gc_bits &= ~_PyGC_BITS_FROZEN;
}
#else
#define gofer_switch_thaw(greenlet) ((void)0)
#endif

/* The exception that is set, a new reference. */
static PyObject *gofer_switch_failure(void) {
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

/* What a switch has come to. NULL: as gofer switches, without a value. Else a new reference: a tuple of the value that
   somebody has given by hand, or the exception that has been raised here. */
static inline void *gofer_switch_came(PyObject *result) {
    if (!result)
        return gofer_switch_failure();
    if (PyTuple_CheckExact(result) && !PyTuple_GET_SIZE(result)) {
        Py_DECREF(result);
        return NULL;
    }
    PyObject *value = PyTuple_Pack(1, result);
    Py_DECREF(result);
    return value ? (void *)value : gofer_switch_failure();
}

#ifdef GOFER_CHECK_GUARDS
#include "checks.h"
#define gofer_switch_to(target) \
    (GOFER_CHECK(outside("a switch", GOFER_PLACE(NULL))), GOFER_CHECK(pin((gofer_place){NULL, NULL, 0})), \
     gofer_switch_now(target))
#else
#define gofer_switch_to(target) gofer_switch_now(target)
#endif

/* Returns when somebody switches back; `target` may be gone then. */
static inline void *gofer_switch_now(void *target) {
    return gofer_switch_came(PyGreenlet_Switch((PyGreenlet *)target, NULL, NULL));
}

/* The same, and gives what has come here to `target`. */
static void *gofer_switch_give(void *target, PyObject *came) {
    if (PyTuple_Check(came))
        return gofer_switch_came(PyGreenlet_Switch((PyGreenlet *)target, came, NULL));
    return gofer_switch_came(PyGreenlet_Throw((PyGreenlet *)target, (PyObject *)Py_TYPE(came), came, NULL));
}

/* What has come as an object, which the caller owns from now on; None for NULL. */
static inline PyObject *gofer_switch_received(void *came) {
    return came ? (PyObject *)came : Py_NewRef(Py_None);
}

/* What tells the greenlet that runs from others, at a tenth of what it costs to ask for it: its first block of Python
   frames. Each greenlet begins without any, and the first one is never taken off. */
static inline void *gofer_switch_frames(void *thread) {
    _PyStackChunk *chunk = ((PyThreadState *)thread)->datastack_chunk;
    while (chunk && chunk->previous)
        chunk = chunk->previous;
    return chunk;
}

static char gofer_switch_no_frames;
#define gofer_switch_nowhere ((void *)&gofer_switch_no_frames)

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

/* Calls fn(*args, **kwargs). NULL: it returned. Otherwise the exception that left it, a new reference.
   A `try` of Cython's would lie on the C stack of every parked goroutine, and be copied with each switch. */
static PyObject *gofer_switch_call(PyObject *fn, PyObject *args, PyObject *kwargs) {
    PyObject *result = PyObject_Call(fn, args, kwargs == Py_None ? NULL : kwargs);
    if (result) {
        Py_DECREF(result);
        return NULL;
    }
    return gofer_switch_failure();
}

/* What was called may have left another context than it found: that is its affair, and ends with it. */
static inline void gofer_switch_leave(PyObject *context) {
    if (PyContext_Exit(context) < 0)
        PyErr_Clear();
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
#if PY_VERSION_HEX < 0x03100000
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
