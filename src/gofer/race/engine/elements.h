/* Elements and structure of containers: the commonest in C, everything else through `subscript` and its like in Python. */
#ifndef GOFER_RACE_ELEMENTS_H
#define GOFER_RACE_ELEMENTS_H

#include "attributes.h"

/* What is left to Python: functions of probes and library, by these names. */
enum {
    RACE_SUBSCRIPT, RACE_CONTENTS, RACE_TRUTH, RACE_CONTAINED, RACE_STEPS, RACE_ADVANCE, RACE_CALLED, RACE_WATCHED, RACE_LOCAL_USED,
    RACE_SLOW
};
static const char *race_slow_names[RACE_SLOW] = {
    "subscript", "contents", "truth", "contained", "steps", "advance", "called", "watched", "local_used",
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

static int race_local_used(PyObject *target) { return race_slowly(RACE_LOCAL_USED, target); }

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

static int race_is_bound(PyObject *bound) { return bound == Py_None || PyLong_CheckExact(bound); }

static inline Py_ssize_t race_length(PyObject *target)
{
    return PyList_Check(target) ? PyList_GET_SIZE(target) : PyObject_Size(target);
}

/* A slice of a sequence; `count` is how many elements are put there, -1 where that is not known or nothing is. */
static int race_slice(race_actor *actor, PyObject *target, PySliceObject *slice, int way, Py_ssize_t count)
{
    Py_ssize_t start, stop, step, size = race_length(target);
    if (!race_is_bound(slice->start) || !race_is_bound(slice->stop) || !race_is_bound(slice->step))
        return 0;
    if (size < 0 || PySlice_Unpack((PyObject *)slice, &start, &stop, &step) < 0) {
        PyErr_Clear();
        return 0;
    }
    Py_ssize_t length = PySlice_AdjustIndices(size, &start, &stop, step);
    if (way == RACE_WAY_DELETE || (way != RACE_WAY_READ && length != count))
        return race_structure(actor, target, 0);
    if (way == RACE_WAY_READ && length == size)
        return race_whole(actor, target);
    int failed = race_sized(actor, target);
    for (; length > 0 && failed == 0; length--, start += step)
        failed = race_element(actor, target, race_key_index(start), way != RACE_WAY_READ);
    return failed;
}

/* Whether objects of a type have their subscripts, by index and slice, from a built-in sequence. */
static inline int race_is_sequence(PyTypeObject *type)
{
    if (type == &PyList_Type || type == race_deque || type == &PyByteArray_Type || type == race_array)
        return 1;
    PyMappingMethods *own = type->tp_as_mapping, *lists = PyList_Type.tp_as_mapping;
    return PyType_HasFeature(type, Py_TPFLAGS_LIST_SUBCLASS) && own->mp_subscript == lists->mp_subscript
        && own->mp_ass_subscript == lists->mp_ass_subscript;
}

/* An access to `target[key]`. */
static int race_item(PyObject *target, PyObject *key, int way)
{
    PyTypeObject *type = Py_TYPE(target);
    race_actor *actor;
    if (type == &PyTuple_Type || type == &PyUnicode_Type || (actor = race_recording()) == NULL)
        return 0;
    if (race_is_sequence(type)) {
        if (PyLong_CheckExact(key))
            return race_index(actor, target, key, race_length(target), way);
        if (PySlice_Check(key))
            return race_slice(actor, target, (PySliceObject *)key, way, -1);
    }
    if (race_has_dict_subscripts(target) && race_is_simple_key(key))
        return race_keyed(actor, target, key, way == RACE_WAY_RESIZE ? RACE_WAY_WRITE : way);
    if (race_holds_nothing(target))
        return 0;
    return race_subscript_slowly(target, key, way);
}

/* A gofer.Map is read by what it cannot tell of itself, its `repr`. */
static int race_map_read(race_actor *actor, PyObject *target)
{
    return race_one(actor, target, race_key_attribute(race_map_entries), RACE_READ);
}

/* The size of what may be a container is read, or its truth. */
static int race_size(PyObject *target)
{
    race_actor *actor;
    if (race_is_scalar(target) || (actor = race_recording()) == NULL)
        return 0;
    int container = race_container(target);
    if (container != RACE_NONE)
        return container == RACE_MAP ? 0 : race_sized(actor, target);
    return race_holds_nothing(target) ? 0 : race_slowly(RACE_TRUTH, target);
}

/* Everything that an object holds is read. */
static int race_contents(PyObject *target)
{
    race_actor *actor;
    if (race_is_scalar(target) || (actor = race_recording()) == NULL)
        return 0;
    int container = race_container(target);
    if (container == RACE_MAP)
        return race_map_read(actor, target);
    if (container != RACE_NONE)
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

/* (value, target, key): `target[key] = value`. */
static PyObject *race_probe_set(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    PyObject *value = args[0], *target = args[1], *key = args[2];
    int failed;
    (void)self, (void)count;
    if (PySlice_Check(key) && race_is_sequence(Py_TYPE(target))) {
        race_actor *actor = race_recording();
        int plain = PyList_CheckExact(value) || PyTuple_CheckExact(value) || PyUnicode_CheckExact(value)
            || PyBytes_CheckExact(value) || race_is_sequence(Py_TYPE(value));
        failed = race_contents(value);
        if (failed == 0 && actor != NULL)
            failed = race_slice(actor, target, (PySliceObject *)key, RACE_WAY_RESIZE, plain ? race_length(value) : -1);
    }
    else {
        failed = race_item(target, key, PySlice_Check(key) ? RACE_WAY_RESIZE : RACE_WAY_WRITE);
    }
    if (failed < 0 || PyObject_SetItem(target, key, value) < 0)
        return NULL;
    Py_RETURN_NONE;
}

/* (target, key): `del target[key]`. */
static PyObject *race_probe_remove(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    (void)self, (void)count;
    if (race_item(args[0], args[1], RACE_WAY_DELETE) < 0 || PyObject_DelItem(args[0], args[1]) < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *race_power(PyObject *a, PyObject *b) { return PyNumber_InPlacePower(a, b, Py_None); }
static const binaryfunc race_operators[] = {
    PyNumber_InPlaceAdd, PyNumber_InPlaceSubtract, PyNumber_InPlaceMultiply, PyNumber_InPlaceMatrixMultiply,
    PyNumber_InPlaceTrueDivide, PyNumber_InPlaceRemainder, race_power, PyNumber_InPlaceLshift, PyNumber_InPlaceRshift,
    PyNumber_InPlaceOr, PyNumber_InPlaceXor, PyNumber_InPlaceAnd, PyNumber_InPlaceFloorDivide,
};

/* A container that is about to be changed by `held += value`. */
static int race_in_place(PyObject *held, PyObject *value)
{
    race_actor *actor;
    int container = race_container(held);
    if (container == RACE_NONE || (actor = race_recording()) == NULL)
        return 0;
    if (race_contents(value) < 0)
        return -1;
    return container == RACE_MAP ? 0 : race_structure(actor, held, 0);
}

/* (target, key): the first half of `target[key] += value`, which the other half gets: target, key and what is there. */
static PyObject *race_probe_held(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    (void)self, (void)count;
    if (race_item(args[0], args[1], RACE_WAY_READ) < 0)
        return NULL;
    PyObject *held = PyObject_GetItem(args[0], args[1]);
    return held == NULL ? NULL : Py_BuildValue("OON", args[0], args[1], held);
}

/* (target, key, held), value: the other half. */
static PyObject *race_probe_augment(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    PyObject *target = PyTuple_GET_ITEM(args[0], 0), *key = PyTuple_GET_ITEM(args[0], 1);
    PyObject *held = PyTuple_GET_ITEM(args[0], 2);
    (void)count;
    if (race_in_place(held, args[1]) < 0)
        return NULL;
    PyObject *result = race_operators[race_probe_of(self)->operator](held, args[1]);
    if (result == NULL)
        return NULL;
    int failed = race_item(target, key, PySlice_Check(key) ? RACE_WAY_RESIZE : RACE_WAY_WRITE) < 0
        || PyObject_SetItem(target, key, result) < 0;
    Py_DECREF(result);
    if (failed)
        return NULL;
    Py_RETURN_NONE;
}

/* The first half of `target.name += value`. */
static PyObject *race_probe_attr_held(PyObject *self, PyObject *target)
{
    PyObject *same = race_probe_attr(self, target);
    if (same == NULL)
        return NULL;
    Py_DECREF(same);
    PyObject *held = PyObject_GetAttr(target, race_probe_of(self)->name);
    return held == NULL ? NULL : Py_BuildValue("ON", target, held);
}

/* (target, held), value: the other half. */
static PyObject *race_probe_attr_augment(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    race_probe *probe = race_probe_of(self);
    PyObject *target = PyTuple_GET_ITEM(args[0], 0), *held = PyTuple_GET_ITEM(args[0], 1);
    (void)count;
    if (race_in_place(held, args[1]) < 0)
        return NULL;
    PyObject *result = race_operators[probe->operator](held, args[1]);
    if (result == NULL)
        return NULL;
    race_actor *actor = race_recording();
    int failed = actor != NULL && race_attribute_of(actor, target, probe->name, RACE_WRITE, &probe->known) < 0;
    failed = failed || PyObject_SetAttr(target, probe->name, result) < 0;
    Py_DECREF(result);
    if (failed)
        return NULL;
    Py_RETURN_NONE;
}

/* (held, value): the value of `name += value`, where `name` holds `held`. */
static PyObject *race_probe_in_place(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    (void)self, (void)count;
    return race_in_place(args[0], args[1]) < 0 ? NULL : Py_NewRef(args[1]);
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

/* `target` of `key in target`. */
static PyObject *race_probe_inside(PyObject *self, PyObject *target)
{
    (void)self;
    int kind = race_container(target), failed;
    if (kind == RACE_DICT || kind == RACE_SET || kind == RACE_MAP)
        failed = race_size(target);
    else if (kind != RACE_NONE)
        failed = race_contents(target);
    else
        failed = !race_on || race_holds_nothing(target) ? 0 : race_slowly(RACE_CONTAINED, target);
    return failed < 0 ? NULL : Py_NewRef(target);
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
