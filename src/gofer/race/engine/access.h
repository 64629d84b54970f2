/* Accesses of the running actor: who that is, whether anything is to be recorded, and what becomes of a conflict.
 * What returns an int returns -1 with an exception set, 0 otherwise.
 */
#ifndef GOFER_RACE_ACCESS_H
#define GOFER_RACE_ACCESS_H

#include "shadow.h"

static int race_on = 0;                       /* whether accesses are recorded */
static void *(*race_local)(void) = NULL;      /* the Actor of what runs here, borrowed; None or NULL: not known yet */
static void *(*race_adopted)(void) = NULL;    /* makes one and returns it, borrowed */
static PyObject *race_teller = NULL;          /* told(target, write, conflicts) of detector */

/* Where an Actor object has its race_actor: it is a final class of Cython's without C methods, and this its first field. */
#define race_actor_of(object) ((race_actor *)((char *)(object) + sizeof(PyObject)))
#define race_at(actor) (&(actor))

/* All memory that the detector has, in bytes. */
static Py_ssize_t race_memory(void)
{
    return race_bytes + race_nodes * (Py_ssize_t)sizeof(race_node) + (Py_ssize_t)(race_depot_bytes() + sizeof(race_known));
}

static void race_switch(int on) { race_on = on; }

static void race_access_start(void *(*local)(void), void *(*adopted)(void), PyObject *teller)
{
    race_local = local;
    race_adopted = adopted;
    race_teller = Py_NewRef(teller);
}

/* The running actor; NULL while nothing that it does is recorded. */
static inline race_actor *race_recording(void)
{
    if (!race_on)
        return NULL;
    void *at = race_local();
    if (at == NULL || at == (void *)Py_None)
        at = race_adopted();
    return race_actor_of(at)->quiet ? NULL : race_actor_of(at);
}

/* A list of (tag, key, write, actor, stack): what raced, and the earlier access. */
static PyObject *race_conflict_list(race_conflicts *conflicts)
{
    PyObject *list = PyList_New(0);
    for (int i = 0; i < conflicts->count; i++) {
        race_conflict *found = &conflicts->found[i];
        int tag = found->key & RACE_TAGS;
        PyObject *key = found->key_object;
        if (key == NULL)
            key = tag == RACE_IDENTITY ? PyLong_FromVoidPtr((void *)(found->key & ~(uintptr_t)RACE_TAGS))
                                       : PyLong_FromSsize_t((Py_ssize_t)found->key >> 3);
        PyObject *item = Py_BuildValue("iNiNI", tag, key, found->write, found->access.actor, found->access.stack);
        if (item == NULL || (list != NULL && PyList_Append(list, item) < 0))
            Py_CLEAR(list);
        Py_XDECREF(item);
    }
    return list;
}

/* Hands the conflicts of an access to the reporter. */
static int race_tell(PyObject *target, int write, race_conflicts *conflicts)
{
    PyObject *list = race_conflict_list(conflicts);
    if (list == NULL)
        return -1;
    PyObject *three[3] = {target, write ? Py_True : Py_False, list};
    PyObject *result = PyObject_Vectorcall(race_teller, three, 3, NULL);
    Py_DECREF(list);
    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

/* An access to one variable. */
static int race_one(race_actor *actor, PyObject *target, uintptr_t key, int write)
{
    uint64_t word = race_word(actor->epoch, target, key, write);
    if (race_is_recorded(word))
        return 0;
    race_conflicts conflicts;
    conflicts.count = 0;
    if (race_access_one(actor, target, key, write, &conflicts))
        race_remember(word);
    return conflicts.count ? race_tell(target, write, &conflicts) : 0;
}

/* An access to an element of a container. */
static int race_element(race_actor *actor, PyObject *target, uintptr_t key, int write)
{
    uint64_t word = race_word(actor->epoch, target, key, RACE_ELEMENT_READ + write);
    if (race_is_recorded(word))
        return 0;
    race_conflicts conflicts;
    conflicts.count = 0;
    if (race_access_element(actor, target, key, write, &conflicts))
        race_remember(word);
    return conflicts.count ? race_tell(target, write, &conflicts) : 0;
}

/* A write of a container's structure; `key`, unless 0, is the element that comes or goes. */
static int race_structure(race_actor *actor, PyObject *target, uintptr_t key)
{
    uint64_t word = race_word(actor->epoch, target, RACE_STRUCTURE, RACE_WRITE);
    if (key == 0 && race_is_recorded(word))
        return 0;
    race_conflicts conflicts;
    conflicts.count = 0;
    if (race_access_structure(actor, target, key, &conflicts)) /* which may have outdated the word */
        race_remember(race_word(actor->epoch, target, RACE_STRUCTURE, RACE_WRITE));
    return conflicts.count ? race_tell(target, 1, &conflicts) : 0;
}

/* A deque changes by one of its synchronised methods. */
static int race_end(race_actor *actor, PyObject *target)
{
    uint64_t word = race_word(actor->epoch, target, RACE_ENDS, RACE_READ);
    if (race_is_recorded(word))
        return 0;
    race_conflicts conflicts;
    conflicts.count = 0;
    if (race_access_end(actor, target, &conflicts))
        race_remember(word);
    return conflicts.count ? race_tell(target, 1, &conflicts) : 0;
}

/* How many elements a container has, and where they are, is read. */
static inline int race_sized(race_actor *actor, PyObject *target)
{
    return race_one(actor, target, RACE_STRUCTURE, 0);
}

/* A read of all that a container holds. */
static int race_whole(race_actor *actor, PyObject *target)
{
    uint64_t word = race_word(actor->epoch, target, RACE_WHOLE, RACE_READ);
    if (race_is_recorded(word))
        return 0;
    race_conflicts conflicts;
    conflicts.count = 0;
    if (race_access_whole(actor, target, &conflicts))
        race_remember(word);
    return conflicts.count ? race_tell(target, 0, &conflicts) : 0;
}

/* ---- keys ---- */

static inline uintptr_t race_key_attribute(PyObject *name) { return (uintptr_t)name | RACE_ATTRIBUTE; }
static inline uintptr_t race_key_identity(PyObject *address)
{
    void *at = PyLong_AsVoidPtr(address);
    return at == NULL ? 0 : ((uintptr_t)at & ~(uintptr_t)RACE_TAGS) | RACE_IDENTITY;
}
static inline uintptr_t race_key_variable(PyObject *what) { return (uintptr_t)what | RACE_VARIABLE; }
static inline uintptr_t race_key_index(Py_ssize_t index) { return ((uintptr_t)index << 3) | RACE_NUMBER; }

static int race_is_primitive(PyObject *key)
{
    return PyUnicode_CheckExact(key) || PyLong_CheckExact(key) || PyBool_Check(key) || PyFloat_CheckExact(key)
        || PyBytes_CheckExact(key) || key == Py_None || PyComplex_CheckExact(key);
}

/* What stands for an element: the value where that is immutable, else its identity. */
static uintptr_t race_key_element(PyObject *key)
{
    if (PyUnicode_CheckExact(key))
        return (uintptr_t)key | RACE_ELEMENT;
    if (PyLong_CheckExact(key) || PyBool_Check(key)) {
        int overflow = 0;
        long long value = PyLong_AsLongLongAndOverflow(key, &overflow);
        if (!overflow && value < (1LL << 60) && value > -(1LL << 60))
            return race_key_index((Py_ssize_t)value);
        return (uintptr_t)key | RACE_ELEMENT;
    }
    if (PyFloat_CheckExact(key)) {
        double value = PyFloat_AS_DOUBLE(key);
        if (value > -1e15 && value < 1e15 && (double)(long long)value == value)
            return race_key_index((Py_ssize_t)value);
        return (uintptr_t)key | RACE_ELEMENT;
    }
    int primitive = race_is_primitive(key);
    if (PyTuple_CheckExact(key)) {
        primitive = 1;
        for (Py_ssize_t i = 0; primitive && i < PyTuple_GET_SIZE(key); i++)
            primitive = race_is_primitive(PyTuple_GET_ITEM(key, i));
    }
    return primitive ? (uintptr_t)key | RACE_ELEMENT : ((uintptr_t)key & ~(uintptr_t)RACE_TAGS) | RACE_IDENTITY;
}

#endif
