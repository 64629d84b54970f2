/* Calls of what may be a built-in function or method: what each does to containers, the commonest in C.
 *
 * Methods are told by their definition, which is the same for all objects of a type. What Python had no interest in is
 * not asked about again. Arguments are passed on as they came.
 */
#ifndef GOFER_RACE_CALLS_H
#define GOFER_RACE_CALLS_H

#include "elements.h"
#include "caches.h"
#include "steps.h"

enum {
    RACE_OP_NONE = 0,
    RACE_OP_SIZE,       /* reads the size of its argument */
    RACE_OP_READ,       /* reads all that its arguments hold */
    RACE_OP_LISTED,     /* goes over its arguments: of a dict it reads the keys only */
    RACE_OP_NEXT,       /* advances its argument */
    RACE_OP_GETATTR,
    RACE_OP_SETATTR,
    RACE_OP_RESIZE,     /* the method changes its object's structure, and does not look into its arguments */
    RACE_OP_STRUCTURE,  /* the method reads its object's structure */
    RACE_OP_GET,        /* the method reads an element */
    RACE_OP_POP,        /* the method takes an element out */
    RACE_OP_SETDEFAULT,
    RACE_OP_PUT,        /* a deque's synchronised methods: the value is handed over */
    RACE_OP_PUT_LEFT,
    RACE_OP_TAKE,
    RACE_OP_TAKE_LEFT,
};

#define RACE_OPS 256
static struct { void *key; int op; } race_ops[RACE_OPS];

static inline unsigned race_op_place(void *key)
{
    return (unsigned)(((uint64_t)(uintptr_t)key * 0x9E3779B97F4A7C15ULL) >> 56);
}

static inline int race_op_of(void *key)
{
    for (unsigned i = race_op_place(key);; i = (i + 1) & (RACE_OPS - 1)) {
        if (race_ops[i].key == key)
            return race_ops[i].op;
        if (race_ops[i].key == NULL)
            return RACE_OP_NONE;
    }
}

static void race_op_set(void *key, int op)
{
    unsigned i = race_op_place(key);
    while (race_ops[i].key != NULL)
        i = (i + 1) & (RACE_OPS - 1);
    race_ops[i].op = op;
    race_ops[i].key = key;
}

/* What identifies a built-in function, a method of a built-in type, or such a type itself; NULL for anything else. */
static inline void *race_op_key(PyObject *function)
{
    if (PyCFunction_CheckExact(function))
        return ((PyCFunctionObject *)function)->m_ml;
    return PyType_Check(function) && !race_is_open((PyTypeObject *)function) ? (void *)function : NULL;
}

/* A function, a built-in type or an unbound method of one, and what calls of it do. */
static void race_op_add(PyObject *function, int op)
{
    void *key = Py_IS_TYPE(function, &PyMethodDescr_Type) ? ((PyMethodDescrObject *)function)->d_method
                                                          : race_op_key(function);
    if (key != NULL && race_op_of(key) == RACE_OP_NONE)
        race_op_set(key, op);
}

/* ---- effects: 1: recorded, 0: not known here, -1: an exception ---- */

static int race_reads(PyObject *const *args, Py_ssize_t count, int keys_only)
{
    for (Py_ssize_t i = 0; i < count; i++) {
        race_actor *actor;
        if (keys_only && PyDict_Check(args[i]) && !race_is_map(args[i])) {
            if ((actor = race_recording()) != NULL && race_sized(actor, args[i]) < 0)
                return -1;
        }
        else if (race_contents(args[i]) < 0) {
            return -1;
        }
    }
    return 1;
}

static int race_by_name(PyObject *const *args, Py_ssize_t count, int write)
{
    if (count < 2 || !PyUnicode_CheckExact(args[1]))
        return 1;
    if (PyUnicode_GET_LENGTH(args[1]) > 1 && PyUnicode_READ_CHAR(args[1], 0) == '_' && PyUnicode_READ_CHAR(args[1], 1) == '_')
        return 0;
    PyObject *name = Py_NewRef(args[1]);
    PyUnicode_InternInPlace(&name);
    int failed = race_attribute(args[0], name, write);
    Py_DECREF(name);
    return failed < 0 ? -1 : 1;
}

static int race_owner_effect(race_actor *actor, int op, PyObject *owner, PyObject *const *args, Py_ssize_t count)
{
    if (op == RACE_OP_RESIZE)
        return race_structure(actor, owner, 0) < 0 ? -1 : 1;
    if (op == RACE_OP_STRUCTURE)
        return race_sized(actor, owner) < 0 ? -1 : 1;
    if (op >= RACE_OP_PUT)
        return op > RACE_OP_PUT_LEFT || count != 1 || race_hand_over(owner, args[0], op == RACE_OP_PUT_LEFT) == 0 ? 1 : -1;
    if (count == 0 || !race_is_simple_key(args[0]))
        return 0;
    uintptr_t key = race_key_element(args[0]);
    if (op == RACE_OP_GET)
        return race_element(actor, owner, key, 0) < 0 ? -1 : 1;
    if (op == RACE_OP_POP)
        return race_structure(actor, owner, key) < 0 ? -1 : 1;
    int has = PyDict_Contains(owner, args[0]);
    if (has < 0) {
        PyErr_Clear();
        return 1;
    }
    return (has ? race_element(actor, owner, key, 0) : race_structure(actor, owner, key)) < 0 ? -1 : 1;
}

static int race_effect(int op, PyObject *function, PyObject *const *args, Py_ssize_t count)
{
    race_actor *actor = race_recording();
    if (actor == NULL)
        return 1;
    switch (op) {
    case RACE_OP_SIZE:
        return count != 1 ? 1 : race_size(args[0]) < 0 ? -1 : 1;
    case RACE_OP_READ:
    case RACE_OP_LISTED:
        return race_reads(args, count, op == RACE_OP_LISTED);
    case RACE_OP_NEXT:
        if (count == 0 || !PyGen_CheckExact(args[0]))
            return count > 0 && race_holds_nothing(args[0]);
        return race_one(actor, args[0], race_key_attribute(race_next_name), RACE_WRITE) < 0 ? -1 : 1;
    case RACE_OP_GETATTR:
    case RACE_OP_SETATTR:
        return race_by_name(args, count, op == RACE_OP_SETATTR);
    }
    return race_owner_effect(actor, op, PyCFunction_GET_SELF(function), args, count);
}

/* ---- what Python is asked about, and had no interest in ---- */

#define RACE_DULL 1024
static uint64_t race_dull[RACE_DULL];

/* A word for what decides whether a call is of interest; 0 where that is asked each time. */
static uint64_t race_dull_word(PyObject *function)
{
    void *key = NULL;
    uintptr_t more = 0;
    if (PyCFunction_CheckExact(function)) {
        key = ((PyCFunctionObject *)function)->m_ml;
        more = PyCFunction_GET_SELF(function) == NULL ? 0 : (uintptr_t)Py_TYPE(PyCFunction_GET_SELF(function));
    }
    else if (PyType_Check(function)) {
        key = (more = ((PyTypeObject *)function)->tp_version_tag) == 0 ? NULL : function;
    }
    else if (race_is_open(Py_TYPE(function))) {
        key = (more = Py_TYPE(function)->tp_version_tag) == 0 ? NULL : &Py_TYPE(function)->tp_call;
    }
    else {
        if (Py_IS_TYPE(function, &PyMethod_Type))
            function = PyMethod_GET_FUNCTION(function);
        key = Py_IS_TYPE(function, &PyFunction_Type) ? PyFunction_GET_CODE(function) : NULL;
    }
    if (key == NULL)
        return 0;
    uint64_t word = (uint64_t)(uintptr_t)key * 0x9E3779B97F4A7C15ULL + (uint64_t)more * 0xC2B2AE3D27D4EB4FULL;
    return word ^ word >> 29;
}

static inline int race_is_dull(uint64_t word) { return word != 0 && RACE_LOAD(race_dull[word % RACE_DULL]) == word; }

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

/* The arguments to call with, a new tuple; None for those given, True for those given now and later; NULL: an error. */
static PyObject *race_record_call(PyObject *function, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    PyObject *packed = race_tuple(args, count);
    PyObject *named = names == NULL ? Py_NewRef(Py_None) : race_named(args + count, names);
    PyObject *others = NULL;
    if (packed != NULL && named != NULL) {
        PyObject *three[3] = {function, packed, named};
        others = PyObject_Vectorcall(race_slow[RACE_CALLED], three, 3, NULL);
    }
    if (others == packed && others != NULL) {
        Py_DECREF(others);
        others = Py_NewRef(Py_None);
    }
    Py_XDECREF(packed);
    Py_XDECREF(named);
    return others;
}

/* Makes a call with arguments that are not those given, or with something to be done when it has returned. */
static PyObject *race_call_otherwise(PyObject *function, PyObject *others, PyObject *const *named_at, PyObject *names)
{
    PyObject *named = names == NULL ? PyDict_New() : race_named(named_at, names), *result = NULL;
    if (named != NULL && PyTuple_Check(others))
        result = PyObject_Call(function, others, named);
    else if (named != NULL)
        result = PyObject_CallMethod(others, "make", "OO", function, named); /* files.After, library.Filled */
    Py_XDECREF(named);
    return result;
}

static PyObject *race_call_slowly(PyObject *function, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    uint64_t dull = race_dull_word(function);
    if (race_is_dull(dull))
        return PyObject_Vectorcall(function, args, (size_t)count, names);
    PyObject *others = race_record_call(function, args, count, names), *result;
    if (others == NULL)
        return NULL;
    if (others == Py_True && dull != 0)
        RACE_PUT(race_dull[dull % RACE_DULL], dull);
    if (others == Py_None || others == Py_True)
        result = PyObject_Vectorcall(function, args, (size_t)count, names);
    else
        result = race_call_otherwise(function, others, args + count, names);
    Py_DECREF(others);
    return result;
}

/* ---- the probes ---- */

static PyObject *race_call(PyObject *function, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    if (!race_on)
        return PyObject_Vectorcall(function, args, (size_t)count, names);
    void *key = race_op_key(function);
    int op = key == NULL ? RACE_OP_NONE : race_op_of(key);
    if (op == RACE_OP_NONE || names != NULL)
        return race_call_slowly(function, args, count, names);
    int known = race_effect(op, function, args, count);
    if (known < 0)
        return NULL;
    if (known == 0)
        return race_call_slowly(function, args, count, NULL);
    PyObject *result = PyObject_Vectorcall(function, args, (size_t)count, NULL);
    if (op >= RACE_OP_TAKE && result != NULL
        && race_take_over(PyCFunction_GET_SELF(function), result, op == RACE_OP_TAKE_LEFT) < 0)
        Py_CLEAR(result);
    return result;
}

static PyObject *race_probe_call(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    (void)self;
    return race_call(args[0], args + 1, count - 1, names);
}

/* A built-in function by itself, which is called from elsewhere: records, and makes the call. */
static PyObject *race_watched_call(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    return race_call(self, args, count, names);
}

static PyMethodDef race_watched_method = {
    "call", (PyCFunction)(void (*)(void))race_watched_call, METH_FASTCALL | METH_KEYWORDS, NULL};

/* A function kept somewhere that is about to be called: what records the call of a built-in one. */
static PyObject *race_probe_callee(PyObject *self, PyObject *function)
{
    (void)self;
    if (!race_on || Py_IS_TYPE(function, &PyFunction_Type) || Py_IS_TYPE(function, &PyMethod_Type))
        return Py_NewRef(function);
    uint64_t dull = race_dull_word(function);
    if (race_is_dull(dull))
        return Py_NewRef(function);
    if (race_op_key(function) != NULL)
        return PyCFunction_NewEx(&race_watched_method, function, NULL);
    PyObject *watched = PyObject_CallOneArg(race_slow[RACE_WATCHED], function);
    if (watched == function && dull != 0)
        RACE_PUT(race_dull[dull % RACE_DULL], dull);
    return watched;
}

#define RACE_FAST(name) {#name, (PyCFunction)(void (*)(void))race_probe_##name, METH_FASTCALL, NULL}
#define RACE_PLAIN(name) {#name, race_probe_##name, METH_O, NULL}
static PyMethodDef race_probes[] = {
    RACE_PLAIN(attr), RACE_FAST(attr_late), RACE_PLAIN(attr_held), RACE_FAST(attr_augment), RACE_PLAIN(variable), RACE_PLAIN(module_variable),
    RACE_FAST(get), RACE_FAST(set), RACE_FAST(remove), RACE_FAST(held), RACE_FAST(augment), RACE_FAST(in_place),
    RACE_FAST(place), RACE_FAST(key), RACE_PLAIN(inside), RACE_PLAIN(read_all), RACE_PLAIN(size), RACE_PLAIN(loop), RACE_PLAIN(each),
    RACE_PLAIN(callee),
    {"call", (PyCFunction)(void (*)(void))race_probe_call, METH_FASTCALL | METH_KEYWORDS, NULL},
};

/* The C function of a probe by its name; None where that is a method of the Probe object. */
static PyObject *race_probe_function(PyObject *probe, PyObject *name)
{
    for (size_t i = 0; i < sizeof(race_probes) / sizeof(PyMethodDef); i++)
        if (PyUnicode_CompareWithASCIIString(name, race_probes[i].ml_name) == 0)
            return PyCFunction_NewEx(&race_probes[i], probe, NULL);
    return Py_NewRef(Py_None);
}

#endif
