/* What a loop over a container or generator goes over: an iterator that records each step. */
#ifndef GOFER_RACE_STEPS_H
#define GOFER_RACE_STEPS_H

#include "elements.h"

enum { RACE_KEYS = 0, RACE_VALUES, RACE_ITEMS, RACE_INDEXED, RACE_GENERATED, RACE_ITERATED, RACE_LISTED, RACE_PLAIN };

typedef struct {
    PyObject_HEAD
    PyObject *target, *iterator;
    Py_ssize_t index; /* of the next element; -1 when there are no more */
    int mode;
} race_steps;

static PyObject *race_next_name = NULL;
static getiterfunc race_slot_iter = NULL; /* the tp_iter of classes that have an `__iter__` of their own */

static int race_steps_traverse(race_steps *self, visitproc visit, void *arg)
{
    Py_VISIT(self->target);
    Py_VISIT(self->iterator);
    return 0;
}

static int race_steps_clear(race_steps *self)
{
    Py_CLEAR(self->target);
    Py_CLEAR(self->iterator);
    return 0;
}

static void race_steps_dealloc(race_steps *self)
{
    PyObject_GC_UnTrack(self);
    race_steps_clear(self);
    PyObject_GC_Del(self);
}

static PyObject *race_list_next(race_steps *self)
{
    Py_ssize_t index = self->index;
    race_actor *actor = race_recording();
    if (index < 0)
        return NULL;
    if (index >= PyList_GET_SIZE(self->target)) {
        if (actor == NULL || race_sized(actor, self->target) == 0)
            self->index = -1;
        return NULL;
    }
    if (actor != NULL && race_element(actor, self->target, race_key_index(index), 0) < 0)
        return NULL;
    self->index = index + 1;
#ifdef Py_GIL_DISABLED
    PyObject *item = PyList_GetItemRef(self->target, index);
    if (item == NULL) /* it has become shorter meanwhile */
        PyErr_Clear();
    return item;
#else
    if (index >= PyList_GET_SIZE(self->target)) /* it has become shorter while a race was reported */
        return NULL;
    return Py_NewRef(PyList_GET_ITEM(self->target, index));
#endif
}

/* What is read of a container once `value` has come out of its iterator. */
static int race_stepped(race_steps *self, race_actor *actor, PyObject *value)
{
    switch (self->mode) {
    case RACE_INDEXED:
        return race_element(actor, self->target, race_key_index(self->index++), 0);
    case RACE_ITEMS:
        return race_item(self->target, PyTuple_GET_ITEM(value, 0), RACE_WAY_READ);
    case RACE_VALUES:
        return race_whole(actor, self->target);
    }
    return 0;
}

static PyObject *race_steps_next(race_steps *self)
{
    if (self->mode == RACE_LISTED)
        return race_list_next(self);
    race_actor *actor = race_recording();
    int failed = 0;
    if (actor != NULL && self->mode == RACE_GENERATED)
        failed = race_one(actor, self->target, race_key_attribute(race_next_name), RACE_WRITE);
    else if (actor != NULL && self->mode == RACE_ITERATED)
        failed = race_slowly(RACE_ADVANCE, self->target);
    else if (self->mode == RACE_PLAIN)
        ;
    else if (actor != NULL)
        failed = race_sized(actor, self->target);
    if (failed < 0)
        return NULL;
    PyObject *value = Py_TYPE(self->iterator)->tp_iternext(self->iterator);
    if (value != NULL && actor != NULL && race_stepped(self, actor, value) < 0)
        Py_CLEAR(value);
    return value;
}

static PyTypeObject race_steps_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "gofer.race.engine.detector.Steps",
    .tp_basicsize = sizeof(race_steps),
    .tp_dealloc = (destructor)race_steps_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = (traverseproc)race_steps_traverse,
    .tp_clear = (inquiry)race_steps_clear,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = (iternextfunc)race_steps_next,
};

static PyObject *race_steps_of(PyObject *target, PyObject *iterator, int mode)
{
    race_steps *steps = PyObject_GC_New(race_steps, &race_steps_type);
    if (steps == NULL)
        return NULL;
    steps->target = Py_NewRef(target);
    steps->iterator = Py_XNewRef(iterator);
    steps->index = 0;
    steps->mode = mode;
    PyObject_GC_Track(steps);
    return (PyObject *)steps;
}

static PyObject *race_steps_start(PyObject *next_name, PyObject *plain)
{
    race_slot_iter = ((PyTypeObject *)plain)->tp_iter;
    race_next_name = Py_NewRef(next_name);
    return PyType_Ready(&race_steps_type) < 0 ? NULL : Py_NewRef(&race_steps_type);
}

/* The probe: what a loop goes over. */
static PyObject *race_probe_loop(PyObject *self, PyObject *value)
{
    (void)self;
    if (!race_on || Py_IS_TYPE(value, &PyRange_Type))
        return Py_NewRef(value);
    if (PyList_CheckExact(value))
        return race_steps_of(value, NULL, RACE_LISTED);
    if (PyGen_CheckExact(value))
        return race_steps_of(value, value, RACE_GENERATED);
    return race_holds_nothing(value) ? Py_NewRef(value) : PyObject_CallOneArg(race_slow[RACE_STEPS], value);
}

/* The same where the loop begins at once: what a program's own `__iter__` returns may be an iterator of a container. */
static PyObject *race_probe_each(PyObject *self, PyObject *value)
{
    PyTypeObject *type = Py_TYPE(value);
    if (!race_on || type->tp_iter != race_slot_iter)
        return race_probe_loop(self, value);
    PyObject *iterator = PyObject_GetIter(value), *steps = NULL;
    if (iterator == NULL)
        return NULL;
    if (PyGen_CheckExact(iterator))
        steps = race_steps_of(iterator, iterator, RACE_GENERATED);
    else if (race_holds_nothing(iterator))
        steps = race_steps_of(iterator, iterator, RACE_PLAIN);
    else
        steps = PyObject_CallOneArg(race_slow[RACE_STEPS], iterator);
    Py_DECREF(iterator);
    return steps;
}

#endif
