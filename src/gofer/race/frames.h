/* The interpreter's frames, read without making frame objects. */
#ifndef GOFER_RACE_FRAMES_H
#define GOFER_RACE_FRAMES_H

#include <stdint.h>
#ifndef Py_BUILD_CORE
#define Py_BUILD_CORE 1
#endif
#if PY_VERSION_HEX >= 0x030E0000
#include "internal/pycore_interpframe_structs.h"
#include "internal/pycore_stackref.h"
#define RACE_OBJECT(ref) PyStackRef_AsPyObjectBorrow(ref)
#else
#include "internal/pycore_frame.h"
#define RACE_OBJECT(ref) ((PyObject *)(ref))
#endif

static inline struct _PyInterpreterFrame *race_top_frame(void)
{
#if PY_VERSION_HEX >= 0x030D0000
    struct _PyInterpreterFrame *frame = PyThreadState_GetUnchecked()->current_frame;
#else
    _PyInterpreterFrame *frame = _PyThreadState_UncheckedGet()->cframe->current_frame;
#endif
    while (frame != NULL && frame->owner >= 3)
        frame = frame->previous;
    return (struct _PyInterpreterFrame *)frame;
}

static inline PyObject *race_frame_code(struct _PyInterpreterFrame *frame)
{
#if PY_VERSION_HEX >= 0x030D0000
    return RACE_OBJECT(frame->f_executable);
#else
    return (PyObject *)frame->f_code;
#endif
}

static inline int64_t race_frame_lasti(struct _PyInterpreterFrame *frame)
{
#if defined(Py_GIL_DISABLED)
    return PyUnstable_InterpreterFrame_GetLasti(frame);
#elif PY_VERSION_HEX >= 0x030D0000
    return (char *)frame->instr_ptr - (char *)((PyCodeObject *)race_frame_code(frame))->co_code_adaptive;
#else
    return (char *)frame->prev_instr - (char *)frame->f_code->co_code_adaptive;
#endif
}

static inline PyObject *race_frame_globals(void) { return race_top_frame()->f_globals; }

/* Which variable of a code has a name; -1 for none. */
static Py_ssize_t race_place_of(PyCodeObject *code, PyObject *name)
{
    PyObject *names = code->co_localsplusnames;
    for (Py_ssize_t i = PyTuple_GET_SIZE(names) - 1; i >= 0; i--) {
        PyObject *candidate = PyTuple_GET_ITEM(names, i);
        if (candidate == name || (PyUnicode_GET_LENGTH(candidate) == PyUnicode_GET_LENGTH(name)
                                  && PyUnicode_Compare(candidate, name) == 0))
            return i;
    }
    return -1;
}

#endif
