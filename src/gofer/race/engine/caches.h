/* `functools.lru_cache`: what the function did comes before whatever gets its result out of the cache.
 *
 * The cache keeps each result together with the clock of the call that made it. Nothing here is a Python frame, or one
 * more level of recursion, so tracebacks and the depth that a recursive function reaches stay as they were.
 */
#ifndef GOFER_RACE_CACHES_H
#define GOFER_RACE_CACHES_H

#include "handover.h"

typedef struct { PyObject_HEAD PyObject *value, *clock; } race_result;
typedef struct { PyObject_HEAD PyObject *function; vectorcallfunc call; } race_cached_function;

static newfunc race_cache_own_new = NULL;
static ternaryfunc race_cache_own_call = NULL;

static int race_result_traverse(race_result *self, visitproc visit, void *arg)
{
    Py_VISIT(self->value);
    Py_VISIT(self->clock);
    return 0;
}

static int race_result_clear(race_result *self)
{
    Py_CLEAR(self->value);
    Py_CLEAR(self->clock);
    return 0;
}

static void race_result_dealloc(race_result *self)
{
    PyObject_GC_UnTrack(self);
    race_result_clear(self);
    PyObject_GC_Del(self);
}

static PyTypeObject race_result_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "gofer.race.engine.detector.Result",
    .tp_basicsize = sizeof(race_result),
    .tp_dealloc = (destructor)race_result_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = (traverseproc)race_result_traverse,
    .tp_clear = (inquiry)race_result_clear,
};

/* A call that the cache had no result for. */
static PyObject *race_cached_compute(PyObject *self, PyObject *const *args, size_t count, PyObject *names)
{
    PyObject *value = PyObject_Vectorcall(((race_cached_function *)self)->function, args, count, names);
    if (value == NULL)
        return NULL;
    PyObject *clock = race_recording() == NULL ? NULL : race_released();
    race_result *result = clock == NULL && PyErr_Occurred() ? NULL : PyObject_GC_New(race_result, &race_result_type);
    if (result == NULL) {
        Py_DECREF(value);
        Py_XDECREF(clock);
        return NULL;
    }
    result->value = value;
    result->clock = clock;
    PyObject_GC_Track(result);
    return (PyObject *)result;
}

static int race_cached_traverse(race_cached_function *self, visitproc visit, void *arg)
{
    Py_VISIT(self->function);
    return 0;
}

static int race_cached_clear(race_cached_function *self)
{
    Py_CLEAR(self->function);
    return 0;
}

static void race_cached_dealloc(race_cached_function *self)
{
    PyObject_GC_UnTrack(self);
    race_cached_clear(self);
    PyObject_GC_Del(self);
}

static PyTypeObject race_cached_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "gofer.race.engine.detector.CachedFunction",
    .tp_basicsize = sizeof(race_cached_function),
    .tp_dealloc = (destructor)race_cached_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL,
    .tp_traverse = (traverseproc)race_cached_traverse,
    .tp_clear = (inquiry)race_cached_clear,
    .tp_call = PyVectorcall_Call,
    .tp_vectorcall_offset = offsetof(race_cached_function, call),
};

/* (function, maxsize, typed, cache_info): the standard library's cache, of a function that tells when it has run. */
static PyObject *race_cache_new(PyTypeObject *type, PyObject *args, PyObject *named)
{
    if (!race_on || PyTuple_GET_SIZE(args) == 0 || !PyCallable_Check(PyTuple_GET_ITEM(args, 0)))
        return race_cache_own_new(type, args, named);
    race_cached_function *cached = PyObject_GC_New(race_cached_function, &race_cached_type);
    if (cached == NULL)
        return NULL;
    cached->function = Py_NewRef(PyTuple_GET_ITEM(args, 0));
    cached->call = race_cached_compute;
    PyObject_GC_Track(cached);
    PyObject *changed = PyTuple_New(PyTuple_GET_SIZE(args)), *made = NULL;
    if (changed != NULL) {
        PyTuple_SET_ITEM(changed, 0, Py_NewRef((PyObject *)cached));
        for (Py_ssize_t i = 1; i < PyTuple_GET_SIZE(args); i++)
            PyTuple_SET_ITEM(changed, i, Py_NewRef(PyTuple_GET_ITEM(args, i)));
        made = race_cache_own_new(type, changed, named);
    }
    Py_DECREF(cached);
    Py_XDECREF(changed);
    return made;
}

static PyObject *race_cache_call(PyObject *self, PyObject *args, PyObject *named)
{
    PyObject *found = race_cache_own_call(self, args, named);
    if (found == NULL || !Py_IS_TYPE(found, &race_result_type))
        return found;
    race_result *result = (race_result *)found;
    if (result->clock != NULL && race_recording() != NULL)
        race_acquired(result->clock);
    PyObject *value = Py_NewRef(result->value);
    Py_DECREF(found);
    return value;
}

/* Puts the two above in the place of the class's own: it cannot be derived from. */
static int race_caches_start(PyObject *kind)
{
    PyTypeObject *type = (PyTypeObject *)kind;
    if (PyType_Ready(&race_result_type) < 0 || PyType_Ready(&race_cached_type) < 0)
        return -1;
    PyObject *call = PyObject_GetAttrString(kind, "__call__");
    if (call == NULL)
        return -1;
    race_cache_own_new = type->tp_new;
    race_cache_own_call = type->tp_call;
    ((PyWrapperDescrObject *)call)->d_wrapped = (void *)race_cache_call;
    type->tp_new = race_cache_new;
    type->tp_call = race_cache_call;
    Py_DECREF(call);
    return 0;
}

#endif
