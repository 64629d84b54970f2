/* Elements and structure of containers: the commonest in C, everything else through `subscript` and its like in Python. */
#ifndef GOFER_RACE_ELEMENTS_H
#define GOFER_RACE_ELEMENTS_H

#include "attributes.h"

/* What is left to Python: functions of probes and library, by these names. */
enum { RACE_SUBSCRIPT, RACE_CONTENTS, RACE_TRUTH, RACE_CONTAINED, RACE_STEPS, RACE_IN_PLACE, RACE_CALLED, RACE_SLOW };
static const char *race_slow_names[RACE_SLOW] = {
    "subscript", "contents", "truth", "contained", "steps", "in_place", "called",
};
static PyObject *race_slow[RACE_SLOW];

static void race_leave_to(PyObject *functions)
{
    for (int i = 0; i < RACE_SLOW; i++)
        race_slow[i] = Py_NewRef(PyDict_GetItemString(functions, race_slow_names[i]));
}

static int race_slowly(int function, PyObject *target)
{
    PyObject *result = PyObject_CallOneArg(race_slow[function], target);
    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

static int race_subscript_slowly(PyObject *target, PyObject *key, int way)
{
    PyObject *three[3] = {target, key, way == RACE_WAY_READ ? Py_False : way == RACE_WAY_WRITE ? Py_True : Py_None};
    PyObject *resize = way == RACE_WAY_RESIZE ? three[2] = PyUnicode_FromString("resize") : NULL;
    PyObject *result = three[2] == NULL ? NULL : PyObject_Vectorcall(race_slow[RACE_SUBSCRIPT], three, 3, NULL);
    Py_XDECREF(resize);
    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

/* Whether an element's key is compared by value or identity without running the program's code. */
static int race_is_simple_key(PyObject *key)
{
    if (race_is_primitive(key))
        return 1;
    if (PyTuple_CheckExact(key)) {
        for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(key); i++)
            if (!race_is_primitive(PyTuple_GET_ITEM(key, i)))
                return 0;
        return 1;
    }
    return Py_TYPE(key)->tp_hash == PyBaseObject_Type.tp_hash;
}

/* An element of a sequence by its index, counted from either end. */
static int race_index(race_actor *actor, PyObject *target, PyObject *key, Py_ssize_t size, int way)
{
    if (way >= RACE_WAY_DELETE)
        return race_structure(actor, target, 0);
    int overflow = 0;
    long long index = PyLong_AsLongLongAndOverflow(key, &overflow);
    if (overflow)
        return 0;
    return race_element(actor, target, race_key_index((Py_ssize_t)(index < 0 ? index + size : index)), way);
}

/* An element of a dict that has its subscripts from `dict`. */
static int race_keyed(race_actor *actor, PyObject *target, PyObject *key, int way)
{
    uintptr_t place = race_key_element(key);
    if (way == RACE_WAY_DELETE)
        return race_structure(actor, target, place);
    int how = way == RACE_WAY_READ ? RACE_ELEMENT_READ : RACE_ELEMENT_WRITE;
    if (race_is_recorded(race_word(actor->epoch, target, place, how)))
        return 0;
    if (way == RACE_WAY_READ && PyDict_CheckExact(target))
        return race_element(actor, target, place, 0);
    int has = PyDict_Contains(target, key);
    if (has < 0) { /* the key cannot be one: the program will see that */
        PyErr_Clear();
        return 0;
    }
    if (has)
        return race_element(actor, target, place, way != RACE_WAY_READ);
    if (way == RACE_WAY_READ) /* a defaultdict puts it in */
        return race_subscript_slowly(target, key, way);
    return race_structure(actor, target, place);
}

static inline int race_has_dict_subscripts(PyObject *target)
{
    PyMappingMethods *methods = Py_TYPE(target)->tp_as_mapping;
    return PyDict_CheckExact(target)
        || (PyDict_Check(target) && methods->mp_subscript == PyDict_Type.tp_as_mapping->mp_subscript
            && methods->mp_ass_subscript == PyDict_Type.tp_as_mapping->mp_ass_subscript);
}

/* An access to `target[key]`. */
static int race_item(PyObject *target, PyObject *key, int way)
{
    PyTypeObject *type = Py_TYPE(target);
    race_actor *actor;
    if (type == &PyTuple_Type || type == &PyUnicode_Type || (actor = race_recording()) == NULL)
        return 0;
    if (PyLong_CheckExact(key)) {
        if (type == &PyList_Type)
            return race_index(actor, target, key, PyList_GET_SIZE(target), way);
        if (type == race_deque || type == &PyByteArray_Type || type == race_array)
            return race_index(actor, target, key, PyObject_Size(target), way);
    }
    if (race_has_dict_subscripts(target) && race_is_simple_key(key))
        return race_keyed(actor, target, key, way == RACE_WAY_RESIZE ? RACE_WAY_WRITE : way);
    if (race_holds_nothing(target))
        return 0;
    return race_subscript_slowly(target, key, way);
}

/* The size of what may be a container is read, or its truth. */
static int race_size(PyObject *target)
{
    race_actor *actor;
    if (race_is_scalar(target) || (actor = race_recording()) == NULL)
        return 0;
    if (race_container(target) != RACE_NONE)
        return race_sized(actor, target);
    return race_holds_nothing(target) ? 0 : race_slowly(RACE_TRUTH, target);
}

/* Everything that an object holds is read. */
static int race_contents(PyObject *target)
{
    race_actor *actor;
    if (race_is_scalar(target) || (actor = race_recording()) == NULL)
        return 0;
    if (race_container(target) != RACE_NONE)
        return race_whole(actor, target);
    return race_holds_nothing(target) ? 0 : race_slowly(RACE_CONTENTS, target);
}

/* ---- the probes ---- */

/* (target, key): `target[key]`. */
static PyObject *race_probe_get(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    (void)self, (void)count;
    if (race_item(args[0], args[1], RACE_WAY_READ) < 0)
        return NULL;
    return PyObject_GetItem(args[0], args[1]);
}

/* (target, key): `target` of `target[key]` that is about to be stored to, or deleted. */
static PyObject *race_probe_place(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    (void)count;
    return race_item(args[0], args[1], race_probe_of(self)->write) < 0 ? NULL : Py_NewRef(args[0]);
}

/* (target, key): the key of `target[key]` that is about to be stored to, or deleted. */
static PyObject *race_probe_key(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    (void)count;
    return race_item(args[0], args[1], race_probe_of(self)->write) < 0 ? NULL : Py_NewRef(args[1]);
}

/* (target, key, value): the value of `target[key] += value`. */
static PyObject *race_probe_place_late(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    (void)self;
    if (race_item(args[0], args[1], RACE_WAY_WRITE) < 0)
        return NULL;
    if (race_container(args[2]) != RACE_NONE && (PyList_CheckExact(args[0]) || PyDict_CheckExact(args[0]))) {
        PyObject *result = PyObject_Vectorcall(race_slow[RACE_IN_PLACE], args, (size_t)count, NULL);
        if (result == NULL)
            return NULL;
        Py_DECREF(result);
    }
    return Py_NewRef(args[2]);
}

/* `target` of `key in target`. */
static PyObject *race_probe_inside(PyObject *self, PyObject *target)
{
    (void)self;
    int kind = race_container(target), failed;
    if (kind == RACE_DICT || kind == RACE_SET)
        failed = race_size(target);
    else if (kind != RACE_NONE)
        failed = race_contents(target);
    else
        failed = !race_on || race_holds_nothing(target) ? 0 : race_slowly(RACE_CONTAINED, target);
    return failed < 0 ? NULL : Py_NewRef(target);
}

/* What a loop goes over. */
static PyObject *race_probe_loop(PyObject *self, PyObject *value)
{
    (void)self;
    if (!race_on || Py_IS_TYPE(value, &PyRange_Type) || race_holds_nothing(value))
        return Py_NewRef(value);
    return PyObject_CallOneArg(race_slow[RACE_STEPS], value);
}

static PyObject *race_probe_read_all(PyObject *self, PyObject *value)
{
    (void)self;
    return race_contents(value) < 0 ? NULL : Py_NewRef(value);
}

static PyObject *race_probe_size(PyObject *self, PyObject *value)
{
    (void)self;
    return race_size(value) < 0 ? NULL : Py_NewRef(value);
}

#endif
