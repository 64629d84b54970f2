/* Functions of the library that tell of their calls: `_set_running_loop` and `set_asyncgen_hooks` change what belongs to
   the thread. The function objects are changed in place, so every reference to them, whenever made, tells. What they call
   must have the same flags, so that one pointer is all that changes. */
#ifndef GOFER_NOTED_H
#define GOFER_NOTED_H

static PyObject *gofer_noted_tell; /* called without arguments after each call that has not failed */

static PyObject *gofer_noted_told(PyObject *result) {
    PyObject *told = result ? PyObject_CallNoArgs(gofer_noted_tell) : NULL;
    Py_XDECREF(told);
    if (result && !told)
        Py_CLEAR(result);
    return result;
}

static PyMethodDef *gofer_noted_loop_was, *gofer_noted_hooks_was;
static PyMethodDef gofer_noted_loop_now, gofer_noted_hooks_now;

static PyObject *gofer_noted_loop(PyObject *self, PyObject *loop) {
    return gofer_noted_told(gofer_noted_loop_was->ml_meth(self, loop));
}

static PyObject *gofer_noted_hooks(PyObject *self, PyObject *args, PyObject *kwargs) {
    PyCFunctionWithKeywords was = (PyCFunctionWithKeywords)(void (*)(void))gofer_noted_hooks_was->ml_meth;
    return gofer_noted_told(was(self, args, kwargs));
}

/* Has `function` call `tell` after each call. Returns a function that does not; None where it is not as expected. */
static PyObject *gofer_noted_change(PyObject *function, PyObject *tell) {
    PyCFunctionObject *changed = (PyCFunctionObject *)function;
    PyMethodDef **was, *now;
    PyCFunction meth;
    int flags = PyCFunction_CheckExact(function) ? changed->m_ml->ml_flags : 0;
    if (flags == METH_O) {
        was = &gofer_noted_loop_was;
        now = &gofer_noted_loop_now;
        meth = gofer_noted_loop;
    }
    else if (flags == (METH_VARARGS | METH_KEYWORDS)) {
        was = &gofer_noted_hooks_was;
        now = &gofer_noted_hooks_now;
        meth = (PyCFunction)(void (*)(void))gofer_noted_hooks;
    }
    else
        Py_RETURN_NONE;
    if (*was)
        Py_RETURN_NONE;
    PyObject *original = PyCFunction_NewEx(changed->m_ml, changed->m_self, changed->m_module);
    if (!original)
        return NULL;
    Py_XSETREF(gofer_noted_tell, Py_NewRef(tell));
    *was = changed->m_ml;
    *now = *changed->m_ml;
    now->ml_meth = meth;
    __atomic_store_n(&changed->m_ml, now, __ATOMIC_RELEASE);
    return original;
}
#endif
