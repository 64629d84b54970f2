/* What preemption needs of the interpreter and has no public name there; for the one module that does it (preempt). */
#ifndef GOFER_TRACING_H
#define GOFER_TRACING_H
#include "frames.h"
#include <frameobject.h>

/* What is at an index of a frame's memory; a borrowed reference, NULL where there is none. */
static PyObject *gofer_tracing_at(PyFrameObject *frame, int index) {
    return GOFER_SLOT(frame->f_frame->localsplus[index]);
}

/* The object at a place of a frame's value stack, counted from the bottom; a new reference, None where there is none.
   Only for a frame of this thread, or one that is suspended, and a place that is in use (stackmap). */
static PyObject *gofer_tracing_stack_item(PyObject *frame_object, int place) {
    if (!PyFrame_Check(frame_object) || place < 0)
        return Py_NewRef(Py_None);
    PyFrameObject *frame = (PyFrameObject *)frame_object;
    PyCodeObject *code = PyFrame_GetCode(frame);
    int index = code->co_nlocalsplus + place;
    int inside = place < code->co_stacksize;
    Py_DECREF(code);
    if (!inside || !frame->f_frame)
        return Py_NewRef(Py_None);
    PyObject *found = gofer_tracing_at(frame, index);
    return Py_NewRef(found ? found : Py_None);
}

/* A list of what a call's variables are bound to, cells as such. (`f_locals` of a call makes a dict, before Python 3.13
   one that stays with the frame and keeps what has been unbound since.) The same frames only. */
static PyObject *gofer_tracing_variables(PyObject *frame_object) {
    PyObject *found = PyList_New(0);
    if (!found || !PyFrame_Check(frame_object))
        return found;
    PyFrameObject *frame = (PyFrameObject *)frame_object;
    PyCodeObject *code = PyFrame_GetCode(frame);
    int count = frame->f_frame ? code->co_nlocalsplus : 0;
    Py_DECREF(code);
    for (int i = 0; i < count; i++) {
        PyObject *each = gofer_tracing_at(frame, i);
        if (each && PyList_Append(found, each) < 0) {
            Py_DECREF(found);
            return NULL;
        }
    }
    return found;
}

/* A callback of the interpreter's raises the thread's count of tracing; with that raised nothing else is traced. */
static void gofer_tracing_leave(void) {
    PyThreadState_LeaveTracing(PyThreadState_Get());
}

static void gofer_tracing_enter(void) {
    PyThreadState_EnterTracing(PyThreadState_Get());
}

/* Before 3.12 a trace function is all there is. Set on one thread by another, it is called at that one's next line or
   call; and, as an instruction that jumps to itself (`while True: pass`) begins no line, at the next instruction of the
   frame that is marked so, which is the one that runs. */
#if PY_VERSION_HEX < 0x030C0000
static PyObject *gofer_tracing_callback = NULL;
static PyFrameObject *gofer_tracing_marked = NULL;

static void gofer_tracing_mark(PyFrameObject *frame) {
    PyFrameObject *before = gofer_tracing_marked;
    gofer_tracing_marked = NULL;
    if (before) {
        before->f_trace_opcodes = 0;
        Py_DECREF(before);
    }
    if (frame && !frame->f_trace_opcodes) {
        frame->f_trace_opcodes = 1;
        gofer_tracing_marked = (PyFrameObject *)Py_NewRef(frame);
    }
}

static int gofer_tracing_trace(PyObject *self, PyFrameObject *frame, int what, PyObject *arg) {
    if (what != PyTrace_LINE && what != PyTrace_CALL && what != PyTrace_OPCODE)
        return 0;
    gofer_tracing_mark(NULL);
    if (_PyEval_SetTrace(PyThreadState_Get(), NULL, NULL) < 0)
        return -1;
    PyObject *result = PyObject_CallNoArgs(gofer_tracing_callback);
    if (!result)
        return -1;
    Py_DECREF(result);
    return 0;
}

/* 1: set; 0: something else traces the thread, or it is gone. */
static int gofer_tracing_trace_thread(unsigned long ident, PyObject *callback) {
    Py_XSETREF(gofer_tracing_callback, Py_NewRef(callback));
    PyThreadState *at = PyInterpreterState_ThreadHead(PyInterpreterState_Get());
    while (at && at->thread_id != ident)
        at = PyThreadState_Next(at);
    if (!at || (at->c_tracefunc && at->c_tracefunc != gofer_tracing_trace))
        return 0;
    PyFrameObject *frame = PyThreadState_GetFrame(at);
    gofer_tracing_mark(frame);
    Py_XDECREF(frame);
    if (_PyEval_SetTrace(at, gofer_tracing_trace, NULL) < 0)
        return -1;
    return 1;
}
#else
static int gofer_tracing_trace_thread(unsigned long ident, PyObject *callback) {
    return 0;
}
#endif
#endif
