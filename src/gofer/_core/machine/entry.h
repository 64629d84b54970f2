#ifndef GOFER_ENTRY_H
#define GOFER_ENTRY_H
/* What Cython makes of `def go(fn, /, *args, **kwargs)` is given a tuple, cuts it in two, and makes a dict. */
typedef int (*gofer_entry_body)(PyObject *fn, PyObject *args, PyObject *kwargs);
static gofer_entry_body gofer_entry_launch;

static PyObject *gofer_entry_call(PyObject *module, PyObject *const *given, Py_ssize_t count, PyObject *names) {
    if (count < 1) {
        PyErr_SetString(PyExc_TypeError, "go() takes at least 1 positional argument (0 given)");
        return NULL;
    }
    PyObject *args = PyTuple_New(count - 1);
    if (!args)
        return NULL;
    for (Py_ssize_t i = 1; i < count; i++)
        PyTuple_SET_ITEM(args, i - 1, Py_NewRef(given[i]));
    PyObject *kwargs = Py_NewRef(Py_None);
    if (names && PyTuple_GET_SIZE(names)) {
        Py_SETREF(kwargs, PyDict_New());
        for (Py_ssize_t i = 0; kwargs && i < PyTuple_GET_SIZE(names); i++)
            if (PyDict_SetItem(kwargs, PyTuple_GET_ITEM(names, i), given[count + i]) < 0)
                Py_CLEAR(kwargs);
    }
    int failed = kwargs ? gofer_entry_launch(given[0], args, kwargs) : -1;
    Py_XDECREF(kwargs);
    Py_DECREF(args);
    return failed ? NULL : Py_NewRef(Py_None);
}

/* A builtin with the function's documentation, which is held for ever. */
static PyObject *gofer_entry_make(PyObject *function, gofer_entry_body launch) {
    static char text[4096];
    static PyMethodDef method = {"go", (PyCFunction)(void (*)(void))gofer_entry_call, METH_FASTCALL | METH_KEYWORDS, text};
    PyObject *doc = PyObject_GetAttrString(function, "__doc__");
    PyObject *module = doc ? PyObject_GetAttrString(function, "__module__") : NULL;
    const char *written = module ? PyUnicode_AsUTF8(doc) : NULL;
    PyObject *made = NULL;
    if (written) {
        snprintf(text, sizeof text, "go(fn, /, *args, **kwargs)\n--\n\n%s", written);
        gofer_entry_launch = launch;
        made = PyCFunction_NewEx(&method, NULL, module);
    }
    Py_XDECREF(doc);
    Py_XDECREF(module);
    return made;
}
#endif
