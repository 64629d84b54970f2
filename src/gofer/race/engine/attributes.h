/* Attributes, globals and captured variables: what an access of each touches. */
#ifndef GOFER_RACE_ATTRIBUTES_H
#define GOFER_RACE_ATTRIBUTES_H

#include "access.h"
#include "kinds.h"
#include "probe.h"

/* A look-up goes through the classes: it reads the place of the name in each, up to the one that has it. Those that
 * have it not are read as well, or the verdict would depend on whether somebody has set it there before or after.
 */
static int race_classes(race_actor *actor, PyTypeObject *type, PyObject *name)
{
    uintptr_t key = race_key_attribute(name);
    uint64_t word = race_word(actor->epoch, type, key, RACE_CLASSES_READ);
    if (race_is_recorded(word))
        return 0;
    PyObject *bases = Py_XNewRef(type->tp_mro);
    int failed = 0, has = 0;
    for (Py_ssize_t i = 0; !failed && !has && bases != NULL && i < PyTuple_GET_SIZE(bases); i++) {
        PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(bases, i);
        if (!race_is_open(base))
            continue;
        failed = race_one(actor, (PyObject *)base, key, RACE_READ) < 0;
        if (!failed && base->tp_dict != NULL && (has = PyDict_Contains(base->tp_dict, name)) < 0)
            PyErr_Clear();
    }
    Py_XDECREF(bases);
    if (!failed)
        race_remember(word);
    return -failed;
}

/* An attribute of a class is read: the class's own, and where it has none its metaclass's. */
static int race_class_read(race_actor *actor, PyObject *target, PyObject *name)
{
    if (race_classes(actor, (PyTypeObject *)target, name) < 0)
        return -1;
    if (!race_is_open(Py_TYPE(target)))
        return 0;
    PyObject *value = race_look_up((PyTypeObject *)target, name);
    Py_XDECREF(value);
    return value != NULL ? 0 : race_classes(actor, Py_TYPE(target), name);
}

static int race_local_used(PyObject *target);
static int race_attribute(PyObject *target, PyObject *name, int write);

/* What a weak reference stands for, a new reference; NULL where that is gone (no error set). */
static PyObject *race_referent(PyObject *reference)
{
#if PY_VERSION_HEX < 0x030D0000
    PyObject *target = PyWeakref_GetObject(reference);
    return target == Py_None ? NULL : Py_XNewRef(target);
#else
    PyObject *target = NULL;
    PyWeakref_GetRef(reference, &target);
    return target;
#endif
}

static int race_proxied(PyObject *proxy, PyObject *name, int write)
{
    PyObject *target = race_referent(proxy);
    int failed = target == NULL ? 0 : race_attribute(target, name, write);
    Py_XDECREF(target);
    return failed;
}

/* An access to `target.name`, where that is data and not a descriptor that runs; `known` is what was found out. */
static int race_attribute_of(race_actor *actor, PyObject *target, PyObject *name, int write, uint64_t *known)
{
    PyTypeObject *type = Py_TYPE(target);
    uintptr_t key = race_key_attribute(name);
    int kind = race_kind(type, name, known);
    switch (kind) {
    case RACE_KIND_NOTHING:
        return 0;
    case RACE_KIND_LOCAL:
        return race_local_used(target);
    case RACE_KIND_PROXY:
        return race_proxied(target, name, write);
    case RACE_KIND_SLOT:
        return race_one(actor, target, key, write);
    case RACE_KIND_MODULE:
        return race_one(actor, PyModule_GetDict(target), (uintptr_t)name | RACE_ELEMENT, write);
    case RACE_KIND_CLASS:
        return write ? race_one(actor, target, key, write) : race_class_read(actor, target, name);
    case RACE_KIND_CACHED:
        return race_one(actor, target, key, write || !race_has_own(target, name));
    case RACE_KIND_FIXED:
        return write ? 0 : race_classes(actor, type, name);
    }
    if (race_one(actor, target, key, write) < 0)
        return -1;
    if (write || race_is_recorded(race_word(actor->epoch, type, key, RACE_CLASSES_READ)) || race_has_own(target, name))
        return 0;
    return race_classes(actor, type, name);
}

/* The same for `getattr` and the like. */
static int race_attribute(PyObject *target, PyObject *name, int write)
{
    uint64_t known = 0;
    race_actor *actor = race_recording();
    return actor == NULL ? 0 : race_attribute_of(actor, target, name, write, &known);
}

/* A variable that functions share, by its cell, which has no other. */
static int race_variable(race_actor *actor, race_probe *probe, PyObject *cell)
{
    uint64_t word = race_word(actor->epoch, cell, RACE_VARIABLE, probe->write);
    if (race_is_recorded(word))
        return 0;
    race_conflicts conflicts;
    conflicts.count = 0;
    race_access_one(actor, cell, race_key_attribute(probe->name), probe->write, &conflicts);
    race_remember(word);
    for (int i = 0; i < conflicts.count; i++) { /* a report says more of it than its name */
        conflicts.found[i].key = race_key_variable(probe->what);
        Py_XSETREF(conflicts.found[i].key_object, Py_NewRef(probe->what));
    }
    return conflicts.count ? race_tell(cell, probe->write, &conflicts) : 0;
}

/* Which variable of a code has a name; -1 for none. */
static Py_ssize_t race_place_of(PyCodeObject *code, PyObject *name)
{
    PyObject *names = code->co_localsplusnames;
    for (Py_ssize_t i = PyTuple_GET_SIZE(names) - 1; i >= 0; i--) {
        PyObject *candidate = PyTuple_GET_ITEM(names, i);
        if (candidate == name || (PyUnicode_GET_LENGTH(candidate) == PyUnicode_GET_LENGTH(name)
                                  && PyUnicode_Compare(candidate, name) == 0))
            return i;
    }
    return -1;
}

/* The cell of a probe's variable in the running frame, borrowed; NULL when there is none. */
static PyObject *race_cell_of(race_probe *probe)
{
    gofer_frame *frame = gofer_frame_here();
    if (frame == NULL)
        return NULL;
    PyObject *code = gofer_frame_code(frame);
    if (RACE_LOAD(probe->code) != code) {
        Py_ssize_t place = race_place_of((PyCodeObject *)code, probe->name);
        if (place < 0)
            return NULL;
        RACE_PUT(probe->place, place);
        RACE_PUT(probe->code, code);
    }
    PyObject *cell = GOFER_SLOT(frame->localsplus[RACE_LOAD(probe->place)]);
    return cell != NULL && PyCell_Check(cell) ? cell : NULL;
}

/* ---- the probes ---- */

static PyObject *race_probe_attr(PyObject *self, PyObject *target)
{
    race_probe *probe = race_probe_of(self);
    race_actor *actor = race_recording();
    if (actor != NULL && probe->plain) {
        uint64_t word = race_word(actor->epoch, target, race_key_attribute(probe->name), probe->write);
        if (!race_is_recorded(word) && race_attribute_of(actor, target, probe->name, probe->write, &probe->known) < 0)
            return NULL;
    }
    return Py_NewRef(target);
}

/* (target, value): the value of `target.name += value`, where `target` is a name; the write comes after it. */
static PyObject *race_probe_attr_late(PyObject *self, PyObject *const *args, Py_ssize_t count)
{
    race_probe *probe = race_probe_of(self);
    race_actor *actor = race_recording();
    (void)count;
    if (actor != NULL) {
        if (race_attribute_of(actor, args[0], probe->name, RACE_WRITE, &probe->known) < 0)
            return NULL;
        if (race_container(args[1]) != RACE_NONE) {
            PyObject *result = PyObject_CallMethod(self, "held_in_place", "OO", args[0], args[1]);
            if (result == NULL)
                return NULL;
            Py_DECREF(result);
        }
    }
    return Py_NewRef(args[1]);
}

static PyObject *race_probe_variable(PyObject *self, PyObject *value)
{
    race_actor *actor = race_recording();
    if (actor != NULL) {
        PyObject *cell = race_cell_of(race_probe_of(self));
        if (cell != NULL && race_variable(actor, race_probe_of(self), cell) < 0)
            return NULL;
    }
    return Py_NewRef(value);
}

static PyObject *race_probe_module_variable(PyObject *self, PyObject *value)
{
    race_probe *probe = race_probe_of(self);
    race_actor *actor = race_recording();
    if (actor != NULL && race_one(actor, gofer_frame_here()->f_globals, (uintptr_t)probe->name | RACE_ELEMENT, probe->write) < 0)
        return NULL;
    return Py_NewRef(value);
}

#endif
