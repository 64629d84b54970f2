/* The interpreter's frames, read without making frame objects: all that gofer knows of how they are laid out, with a
   branch a version. A frame may be read by the thread that it runs on, where the thread waits in a greenlet, and from
   anywhere while the world is stopped. */
#ifndef GOFER_FRAMES_H
#define GOFER_FRAMES_H
#include <stdint.h>
#ifndef Py_BUILD_CORE
#define Py_BUILD_CORE 1
#endif
#include "internal/pycore_code.h"
#include "internal/pycore_frame.h"
#if PY_VERSION_HEX >= 0x030E0000
#include "internal/pycore_interpframe_structs.h"
#include "internal/pycore_stackref.h"
#endif

typedef struct _PyInterpreterFrame gofer_frame;

/* What a slot of a frame refers to, borrowed; NULL for an empty one, and for a number that is no object. */
#if PY_VERSION_HEX >= 0x030E0000
#define GOFER_SLOT(ref) (PyStackRef_IsNullOrInt(ref) ? NULL : PyStackRef_AsPyObjectBorrow(ref))
#else
#define GOFER_SLOT(ref) ((PyObject *)(ref))
#endif

/* From 3.12 on a call of the interpreter from C has a frame of its own, on the C stack, which is no call of Python. */
#define GOFER_IS_ENTRY(frame) ((frame)->owner > 2)

static inline gofer_frame *gofer_frame_newest(PyThreadState *tstate) {
#if PY_VERSION_HEX >= 0x030D0000
    gofer_frame *frame = tstate->current_frame;
#else
    gofer_frame *frame = tstate->cframe->current_frame;
#endif
    while (frame && GOFER_IS_ENTRY(frame))
        frame = frame->previous;
    return frame;
}

/* The newest frame of the calling thread. */
static inline gofer_frame *gofer_frame_here(void) {
#if PY_VERSION_HEX >= 0x030D0000
    return gofer_frame_newest(PyThreadState_GetUnchecked());
#else
    return gofer_frame_newest(_PyThreadState_UncheckedGet());
#endif
}

/* The code object of a frame that is no entry, borrowed. */
static inline PyObject *gofer_frame_code(gofer_frame *frame) {
#if PY_VERSION_HEX >= 0x030D0000
    return GOFER_SLOT(frame->f_executable);
#else
    return (PyObject *)frame->f_code;
#endif
}

/* The offset of its instruction, in bytes. */
static inline int64_t gofer_frame_lasti(gofer_frame *frame) {
#if defined(Py_GIL_DISABLED)
    return PyUnstable_InterpreterFrame_GetLasti(frame);
#elif PY_VERSION_HEX >= 0x030D0000
    return (char *)frame->instr_ptr - (char *)((PyCodeObject *)gofer_frame_code(frame))->co_code_adaptive;
#else
    return (char *)frame->prev_instr - (char *)frame->f_code->co_code_adaptive;
#endif
}

/* Whether its call has begun: before that, cells and arguments are being put in place. */
static inline int gofer_frame_has_begun(gofer_frame *frame) {
    PyObject *code = GOFER_IS_ENTRY(frame) ? NULL : gofer_frame_code(frame);
    if (!code || !PyCode_Check(code))
        return 0;
    return frame->owner == FRAME_OWNED_BY_GENERATOR
        || gofer_frame_lasti(frame) >= ((PyCodeObject *)code)->_co_firsttraceable * (int64_t)sizeof(_Py_CODEUNIT);
}

/* How many arguments a code object has by name. */
static inline int gofer_frame_arguments(PyCodeObject *code) {
    return code->co_argcount + code->co_kwonlyargcount;
}

/* The value of one of them in a frame that has begun, borrowed, or NULL. One that inner functions use lies in a cell. */
static inline PyObject *gofer_frame_argument(gofer_frame *frame, PyCodeObject *code, int place) {
    PyObject *value = GOFER_SLOT(frame->localsplus[place]);
    if (value && PyCell_Check(value) && PyBytes_AS_STRING(code->co_localspluskinds)[place] & CO_FAST_CELL)
        return PyCell_GET(value);
    return value;
}
#endif
