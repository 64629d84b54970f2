cdef extern from *:
    """
    #ifndef GOFER_RECORD_H
    #define GOFER_RECORD_H
    /* What calling the class does in the end: 25 ns instead of 250. */
    static PyObject *gofer_record_selected(PyObject *type, long index, PyObject *value, int ok) {
        PyObject *number = PyLong_FromLong(index);
        if (!number)
            return NULL;
        PyObject *made = ((PyTypeObject *)type)->tp_alloc((PyTypeObject *)type, 3);
        if (!made) {
            Py_DECREF(number);
            return NULL;
        }
        PyTuple_SET_ITEM(made, 0, number);
        PyTuple_SET_ITEM(made, 1, Py_NewRef(value));
        PyTuple_SET_ITEM(made, 2, Py_NewRef(ok ? Py_True : Py_False));
        return made;
    }
    #endif
    """
    object selected "gofer_record_selected" (object cls, long index, object value, bint ok)
