/* What a probe knows, and which of its functions are C. */
#ifndef GOFER_RACE_PROBE_H
#define GOFER_RACE_PROBE_H

#include <stdint.h>

typedef struct {
    PyObject *name;  /* of the attribute or variable; the Probe object holds it and `what` */
    PyObject *what;  /* a captured variable's key */
    uint64_t known;  /* what was found out about the attribute, of which type */
    PyObject *code;  /* whose `place`-th variable the cell of a captured variable is */
    Py_ssize_t place;
    int write;       /* what an attribute, variable or element is accessed for: a race_way */
    int plain;       /* not one of the attributes that every object has */
    int operator;    /* of an augmented assignment, by its place in race_operators */
} race_probe;

enum race_way { RACE_WAY_READ = 0, RACE_WAY_WRITE, RACE_WAY_DELETE, RACE_WAY_RESIZE };

/* Where a Probe object has its race_probe: it is a final class of Cython's without C methods, and this its first field. */
#define race_probe_of(object) ((race_probe *)((char *)(object) + sizeof(PyObject)))
#define race_probe_at(probe) (&(probe))

#endif
