/* What an attribute access touches, found out once for a type and name, and which objects are containers. */
#ifndef GOFER_RACE_KINDS_H
#define GOFER_RACE_KINDS_H

#include <stdint.h>
#include "frames.h"
#undef _PyObject_LookupSpecial /* 3.11 has a macro and a function of this name, */
#undef _PyGC_FINALIZED         /* and two macros of this one */
#include "internal/pycore_object.h"
#include "internal/pycore_dict.h"
#include "known.h"

enum {
    RACE_KIND_NOTHING = 1, /* a property or another descriptor that runs, or no variable at all */
    RACE_KIND_SLOT,        /* a variable of the object that its class describes */
    RACE_KIND_OWN,         /* a variable in the object's dict, if it has it; the classes have none of this name */
    RACE_KIND_SHARED,      /* of the class, a method or a variable, unless the object has one of its own */
    RACE_KIND_FIXED,       /* the same, of an object that has no dict */
    RACE_KIND_MODULE,
    RACE_KIND_CLASS,
    RACE_KIND_LOCAL,  /* threading.local: each thread has its own */
    RACE_KIND_PROXY,  /* weakref.proxy: of what it stands for */
    RACE_KIND_CACHED, /* functools.cached_property: writes the object's own when it runs */
    RACE_KINDS = 15,
};

static PyObject *race_thread_local = NULL, *race_cached = NULL; /* threading.local, functools.cached_property */

static inline int race_has_dict(PyTypeObject *type)
{
    return type->tp_dictoffset != 0 || (type->tp_flags & Py_TPFLAGS_MANAGED_DICT) != 0;
}

/* Whether attributes of a class can be set. */
static inline int race_is_open(PyTypeObject *type)
{
    return (type->tp_flags & (Py_TPFLAGS_HEAPTYPE | Py_TPFLAGS_IMMUTABLETYPE)) == Py_TPFLAGS_HEAPTYPE;
}

/* What the classes have of a name; a new reference. */
static inline PyObject *race_look_up(PyTypeObject *type, PyObject *name)
{
#ifdef Py_GIL_DISABLED
    return _PyType_LookupRef(type, name);
#else
    return Py_XNewRef(_PyType_Lookup(type, name));
#endif
}

static int race_kind_of_value(PyTypeObject *type, PyObject *value)
{
    if (value == NULL)
        return race_has_dict(type) ? RACE_KIND_OWN : RACE_KIND_NOTHING;
    if (Py_IS_TYPE(value, &PyMemberDescr_Type))
        return RACE_KIND_SLOT;
    if (Py_IS_TYPE(value, (PyTypeObject *)race_cached))
        return RACE_KIND_CACHED;
    if (Py_TYPE(value)->tp_descr_set != NULL)
        return RACE_KIND_NOTHING;
    if (race_has_dict(type))
        return RACE_KIND_SHARED;
    return race_is_open(type) ? RACE_KIND_FIXED : RACE_KIND_NOTHING;
}

static int race_kind_find(PyTypeObject *type, PyObject *name)
{
    if (type == &PyModule_Type)
        return RACE_KIND_MODULE;
    if (type == &_PyWeakref_ProxyType || type == &_PyWeakref_CallableProxyType)
        return RACE_KIND_PROXY;
    if (PyType_IsSubtype(type, &PyType_Type))
        return RACE_KIND_CLASS;
    if (PyType_IsSubtype(type, (PyTypeObject *)race_thread_local))
        return RACE_KIND_LOCAL;
    PyObject *value = race_look_up(type, name);
    int kind = race_kind_of_value(type, value);
    Py_XDECREF(value);
    return kind;
}

static inline uint64_t race_type_word(PyTypeObject *type)
{
    return ((uint64_t)(uintptr_t)type * 0x9E3779B97F4A7C15ULL) ^ (type->tp_version_tag * 0xC2B2AE3D27D4EB4FULL);
}

/* The kind, remembered in one word: it holds the type, its version and the kind. */
static inline int race_kind(PyTypeObject *type, PyObject *name, uint64_t *known)
{
    uint64_t seen = RACE_LOAD(*known);
    if (((race_type_word(type) ^ seen) & ~(uint64_t)RACE_KINDS) == 0 && type->tp_version_tag != 0)
        return (int)(seen & RACE_KINDS);
    int kind = race_kind_find(type, name);
    if (type->tp_version_tag != 0)
        RACE_PUT(*known, (race_type_word(type) & ~(uint64_t)RACE_KINDS) | (uint64_t)kind);
    return kind;
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

enum { RACE_NONE = 0, RACE_LIST, RACE_DICT, RACE_SET, RACE_DEQUE, RACE_BYTES, RACE_ARRAY, RACE_MAP };
static PyTypeObject *race_deque = NULL, *race_array = NULL, *race_map_type = NULL; /* the last is gofer.Map */
static PyObject *race_map_entries = NULL; /* the name of the one variable that a gofer.Map is */
#define RACE_OTHERS 32
static PyTypeObject *race_others[RACE_OTHERS]; /* views, iterators and proxies: what they stand for is looked at */
static int race_other_count = 0;

static void race_kinds_start(PyObject *local, PyObject *deque, PyObject *array, PyObject *cached)
{
    race_cached = Py_NewRef(cached);
    race_thread_local = Py_NewRef(local);
    race_deque = (PyTypeObject *)Py_NewRef(deque);
    race_array = (PyTypeObject *)Py_NewRef(array);
}

static void race_maps_start(PyObject *type, PyObject *entries)
{
    race_map_type = (PyTypeObject *)Py_NewRef(type);
    race_map_entries = Py_NewRef(entries);
}

/* Whether an object is a gofer.Map, which is one variable and records its accesses itself. */
static inline int race_is_map(PyObject *target)
{
    return PyDict_Check(target) && !PyDict_CheckExact(target) && PyType_IsSubtype(Py_TYPE(target), race_map_type);
}

/* Types of objects that hold nothing themselves but stand for something that does. */
static void race_stand_ins(PyObject *others)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(others) && race_other_count < RACE_OTHERS; i++)
        race_others[race_other_count++] = (PyTypeObject *)Py_NewRef(PyTuple_GET_ITEM(others, i));
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
        return race_is_map(target) ? RACE_MAP : RACE_DICT;
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

/* Whether reading what an object holds, or its size, touches no container that is watched from here. */
static int race_holds_nothing(PyObject *target)
{
    if (race_is_scalar(target))
        return 1;
    int container = race_container(target);
    if (container != RACE_NONE)
        return container == RACE_MAP;
    PyTypeObject *type = Py_TYPE(target);
    for (int i = 0; i < race_other_count; i++)
        if (type == race_others[i])
            return 0;
    return 1;
}

#endif
