cdef extern from *:
    """
    #ifndef GOFER_CLOCK_H
    #define GOFER_CLOCK_H
    #include <time.h>
    #ifdef __linux__
    static inline double gofer_clock(clockid_t which) {
        struct timespec t;
        clock_gettime(which, &t);
        return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
    }
    static inline double gofer_monotonic(void) { return gofer_clock(CLOCK_MONOTONIC); }
    static inline double gofer_wall(void) { return gofer_clock(CLOCK_REALTIME); }
    #else  /* where they are not clock_gettime's clocks, Python's functions are asked themselves */
    static inline double gofer_clock(PyObject **function, const char *name) {
        if (!*function) {
            PyObject *module = PyImport_ImportModule("time");
            *function = PyObject_GetAttrString(module, name);
            Py_DECREF(module);
        }
        PyObject *now = PyObject_CallNoArgs(*function);
        double seconds = PyFloat_AsDouble(now);
        Py_DECREF(now);
        return seconds;
    }
    static inline double gofer_monotonic(void) { static PyObject *f = NULL; return gofer_clock(&f, "monotonic"); }
    static inline double gofer_wall(void) { static PyObject *f = NULL; return gofer_clock(&f, "time"); }
    #endif
    #endif
    """
    double monotonic "gofer_monotonic" () noexcept
    double wall "gofer_wall" () noexcept
