/* What an attribute access touches, found out once for a type and name, and which objects are containers. */
#ifndef GOFER_RACE_KINDS_H
#define GOFER_RACE_KINDS_H

#include <stdint.h>
#include "frames.h"
#undef _PyObject_LookupSpecial /* 3.11 has a macro and a function of this name, */
#undef _PyGC_FINALIZED         /* and two macros of this one */
#include "internal/pycore_object.h"
#include "internal/pycore_dict.h"

enum {
    RACE_KIND_NOTHING = 1, /* a property or another descriptor that runs, or no variable at all */
    RACE_KIND_OWN,         /* a variable of the object: in its dict, or a slot */
    RACE_KIND_METHOD,      /* of the class, unless the object has one of its own */
    RACE_KIND_SHARED,      /* a variable of the class, unless the object has one of its own */
    RACE_KIND_MODULE,
    RACE_KIND_CLASS,
    RACE_KIND_CACHED, /* functools.cached_property: writes the object's own when it runs */
};

static PyObject *race_thread_local = NULL, *race_cached = NULL; /* threading.local, functools.cached_property */

static int race_kind_find(PyTypeObject *type, PyObject *name)
{
    if (type == &PyModule_Type)
        return RACE_KIND_MODULE;
    if (PyType_IsSubtype(type, &PyType_Type))
        return RACE_KIND_CLASS;
    if (PyType_IsSubtype(type, (PyTypeObject *)race_thread_local))
        return RACE_KIND_NOTHING;
    PyObject *value = _PyType_Lookup(type, name);
    if (value == NULL)
        return type->tp_dictoffset != 0 ? RACE_KIND_OWN : RACE_KIND_NOTHING;
    if (Py_IS_TYPE(value, &PyMemberDescr_Type))
        return RACE_KIND_OWN;
    if (Py_IS_TYPE(value, (PyTypeObject *)race_cached))
        return RACE_KIND_CACHED;
    if (Py_TYPE(value)->tp_descr_get == NULL)
        return RACE_KIND_SHARED;
    return Py_TYPE(value)->tp_descr_set != NULL ? RACE_KIND_NOTHING : RACE_KIND_METHOD;
}

/* The kind, remembered in one word: it holds the type, its version and the kind. */
static inline int race_kind(PyObject *target, PyObject *name, uint64_t *known)
{
    PyTypeObject *type = Py_TYPE(target);
    uint64_t word = ((uint64_t)(uintptr_t)type * 0x9E3779B97F4A7C15ULL) ^ (type->tp_version_tag * 0xC2B2AE3D27D4EB4FULL);
    if (type->tp_version_tag != 0 && ((word ^ *known) & ~7ULL) == 0)
        return *known & 7;
    int kind = race_kind_find(type, name);
    if (type->tp_version_tag != 0) {
        word = ((uint64_t)(uintptr_t)type * 0x9E3779B97F4A7C15ULL) ^ (type->tp_version_tag * 0xC2B2AE3D27D4EB4FULL);
        *known = (word & ~7ULL) | (uint64_t)kind;
    }
    return kind;
}

/* The class that has a variable which its instances share, borrowed; NULL when it is gone meanwhile. */
static void *race_class_with(PyObject *type, PyObject *name)
{
    PyObject *mro = ((PyTypeObject *)type)->tp_mro;
    for (Py_ssize_t i = 0; mro != NULL && i < PyTuple_GET_SIZE(mro); i++) {
        PyObject *base = PyTuple_GET_ITEM(mro, i);
        PyObject *space = PyObject_GetAttrString(base, "__dict__");
        int has = space == NULL ? -1 : PyMapping_HasKey(space, name);
        Py_XDECREF(space);
        if (has < 0)
            PyErr_Clear();
        if (has > 0)
            return base;
    }
    return NULL;
}

/* Whether a variable of a class is one: not a function or another descriptor. */
static int race_class_variable(PyObject *type, PyObject *name)
{
    PyObject *value = _PyType_Lookup((PyTypeObject *)type, name);
    return value != NULL && Py_TYPE(value)->tp_descr_get == NULL;
}

static int race_values_have(PyObject *target, PyDictValues *values, PyObject *name)
{
    PyDictKeysObject *keys = ((PyHeapTypeObject *)Py_TYPE(target))->ht_cached_keys;
    PyDictUnicodeEntry *entries = DK_UNICODE_ENTRIES(keys);
    for (Py_ssize_t i = 0; i < keys->dk_nentries; i++)
        if (entries[i].me_key == name)
            return values->values[i] != NULL;
    return 0;
}

/* Whether the object has an attribute of its own. Objects whose dict was never asked for do not get one by this. */
static int race_has_own(PyObject *target, PyObject *name)
{
    PyTypeObject *type = Py_TYPE(target);
    PyObject *dict = NULL;
    if (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) {
#if PY_VERSION_HEX < 0x030C0000
        PyDictValues *values = *_PyObject_ValuesPointer(target);
        if (values != NULL)
            return race_values_have(target, values, name);
        dict = Py_XNewRef(*_PyObject_ManagedDictPointer(target));
#elif PY_VERSION_HEX < 0x030D0000
        PyDictOrValues held = *_PyObject_DictOrValuesPointer(target);
        if (_PyDictOrValues_IsValues(held))
            return race_values_have(target, _PyDictOrValues_GetValues(held), name);
        dict = Py_XNewRef(_PyDictOrValues_GetDict(held));
#else
        if ((type->tp_flags & Py_TPFLAGS_INLINE_VALUES) && _PyObject_InlineValues(target)->valid)
            return race_values_have(target, _PyObject_InlineValues(target), name);
#ifndef Py_GIL_DISABLED
        dict = Py_XNewRef((PyObject *)_PyObject_ManagedDictPointer(target)->dict);
#endif
#endif
    }
#ifndef Py_GIL_DISABLED
    else {
        PyObject **at = _PyObject_GetDictPtr(target);
        dict = at == NULL ? NULL : Py_XNewRef(*at);
    }
#else
    if (type->tp_dictoffset != 0) {
        dict = PyObject_GenericGetDict(target, NULL);
        if (dict == NULL)
            PyErr_Clear();
    }
#endif
    int has = dict == NULL ? 0 : PyDict_Contains(dict, name);
    if (has < 0)
        PyErr_Clear();
    Py_XDECREF(dict);
    return has > 0;
}

enum { RACE_NONE = 0, RACE_LIST, RACE_DICT, RACE_SET, RACE_DEQUE, RACE_BYTES, RACE_ARRAY };
static PyTypeObject *race_deque = NULL, *race_array = NULL;

static void race_kinds_start(PyObject *local, PyObject *deque, PyObject *array, PyObject *cached)
{
    race_cached = Py_NewRef(cached);
    race_thread_local = Py_NewRef(local);
    race_deque = (PyTypeObject *)Py_NewRef(deque);
    race_array = (PyTypeObject *)Py_NewRef(array);
}

/* Whether an object is of the commonest types that hold nothing to read. */
static inline int race_is_scalar(PyObject *target)
{
    PyTypeObject *type = Py_TYPE(target);
    return type == &PyLong_Type || type == &PyUnicode_Type || type == &PyFloat_Type || target == Py_None
        || type == &PyBool_Type || type == &PyFunction_Type || type == &PyTuple_Type || type == &PyBytes_Type;
}

/* Which built-in container an object is, also one of a subclass. */
static int race_container(PyObject *target)
{
    PyTypeObject *type = Py_TYPE(target);
    if (race_is_scalar(target))
        return RACE_NONE;
    if (PyList_Check(target))
        return RACE_LIST;
    if (PyDict_Check(target))
        return RACE_DICT;
    if (type->tp_as_sequence == NULL && type->tp_as_mapping == NULL)
        return RACE_NONE;
    if (PySet_Check(target))
        return RACE_SET;
    if (PyByteArray_Check(target))
        return RACE_BYTES;
    for (; type != NULL; type = type->tp_base) {
        if (type == race_deque)
            return RACE_DEQUE;
        if (type == race_array)
            return RACE_ARRAY;
    }
    return RACE_NONE;
}

/* ---- calls: nothing is packed into a tuple unless the call may do something to a container ---- */

static PyObject *race_called = NULL; /* recorded(function, args, kwargs) of probes */
static void race_set_called(PyObject *called) { race_called = Py_NewRef(called); }

/* Functions written in Python that `recorded` had no interest in, by their code. */
#define RACE_DULL 1024
static PyObject *race_dull[RACE_DULL];

static PyObject **race_dull_place(PyObject *function)
{
    if (Py_IS_TYPE(function, &PyMethod_Type))
        function = PyMethod_GET_FUNCTION(function);
    if (!Py_IS_TYPE(function, &PyFunction_Type))
        return NULL;
    PyObject *code = PyFunction_GET_CODE(function);
    return &race_dull[((uintptr_t)code >> 5) % RACE_DULL];
}

static PyObject *race_dull_code(PyObject *function)
{
    if (Py_IS_TYPE(function, &PyMethod_Type))
        function = PyMethod_GET_FUNCTION(function);
    return PyFunction_GET_CODE(function);
}

static PyObject *race_tuple(PyObject *const *items, Py_ssize_t count)
{
    PyObject *tuple = PyTuple_New(count);
    for (Py_ssize_t i = 0; tuple != NULL && i < count; i++)
        PyTuple_SET_ITEM(tuple, i, Py_NewRef(items[i]));
    return tuple;
}

static PyObject *race_named(PyObject *const *values, PyObject *names)
{
    PyObject *named = PyDict_New();
    for (Py_ssize_t i = 0; named != NULL && i < PyTuple_GET_SIZE(names); i++)
        if (PyDict_SetItem(named, PyTuple_GET_ITEM(names, i), values[i]) < 0)
            Py_CLEAR(named);
    return named;
}

/* The arguments to call with: a new tuple, or None for those given; NULL for an error. */
static PyObject *race_record_call(PyObject *function, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    PyObject *packed = race_tuple(args, count);
    PyObject *named = names == NULL ? Py_NewRef(Py_None) : race_named(args + count, names);
    PyObject *others = NULL;
    if (packed != NULL && named != NULL) {
        PyObject *three[3] = {function, packed, named};
        others = PyObject_Vectorcall(race_called, three, 3, NULL);
    }
    if (others == packed && others != NULL) {
        Py_DECREF(others);
        others = Py_NewRef(Py_None);
    }
    else if (others == Py_None) {
        PyObject **place = race_dull_place(function);
        if (place != NULL)
            *place = race_dull_code(function);
    }
    Py_XDECREF(packed);
    Py_XDECREF(named);
    return others;
}

static PyObject *race_call(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    (void)self;
    PyObject *function = args[0], **place = race_dull_place(function);
    Py_ssize_t given = count - 1;
    if (place != NULL && *place == race_dull_code(function))
        return PyObject_Vectorcall(function, args + 1, (size_t)given, names);
    PyObject *others = race_record_call(function, args + 1, given, names);
    if (others == NULL)
        return NULL;
    PyObject *result = NULL;
    if (others == Py_None) {
        result = PyObject_Vectorcall(function, args + 1, (size_t)given, names);
    }
    else if (!PyTuple_Check(others)) { /* library.After: something is to be done when it has returned */
        PyObject *named = names == NULL ? PyDict_New() : race_named(args + count, names);
        if (named != NULL)
            result = PyObject_CallMethod(others, "make", "OO", function, named);
        Py_XDECREF(named);
    }
    else {
        PyObject *named = names == NULL ? NULL : race_named(args + count, names);
        if (names == NULL || named != NULL)
            result = PyObject_Call(function, others, named);
        Py_XDECREF(named);
    }
    Py_DECREF(others);
    return result;
}

static PyMethodDef race_call_method = {
    "call", (PyCFunction)(void (*)(void))race_call, METH_FASTCALL | METH_KEYWORDS, "Records a call, and makes it."};

static PyObject *race_caller_of(PyObject *probe) { return PyCFunction_NewEx(&race_call_method, probe, NULL); }

#endif
