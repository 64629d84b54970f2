cdef extern from *:
    """
    #ifndef GOFER_DICTS_H
    #define GOFER_DICTS_H
    #define gofer_dict_subscript(m, key) (PyDict_Type.tp_as_mapping->mp_subscript((m), (key)))
    #define gofer_dict_is_plain(key) (PyUnicode_CheckExact(key) || PyLong_CheckExact(key))
    #ifdef Py_GIL_DISABLED
    #define gofer_dict_size(m) PyDict_Size(m)
    #else
    #define gofer_dict_size(m) PyDict_GET_SIZE(m)
    #endif
    static inline PyObject *gofer_dict_get(PyObject *m, PyObject *key, PyObject *missing) {
    #if PY_VERSION_HEX >= 0x030D0000
        PyObject *value;
        if (PyDict_GetItemRef(m, key, &value) < 0)
            return NULL;
        return value ? value : Py_NewRef(missing);
    #else
        PyObject *value = PyDict_GetItemWithError(m, key);
        if (!value && PyErr_Occurred())
            return NULL;
        return Py_NewRef(value ? value : missing);
    #endif
    }
    #endif
    """
    object subscript "gofer_dict_subscript" (object found, object key)
    object get "gofer_dict_get" (object found, object key, object default)
    bint is_plain "gofer_dict_is_plain" (object key) noexcept
    Py_ssize_t size "gofer_dict_size" (object found) noexcept
cdef extern from "Python.h":
    int assign "PyDict_SetItem" (object found, object key, object value) except -1
    int remove "PyDict_DelItem" (object found, object key) except -1
    bint contains "PyDict_Contains" (object found, object key) except -1
