cdef extern from *:
    """
    #ifndef GOFER_CLOCK_H
    #define GOFER_CLOCK_H
    #include <time.h>
    #ifdef __linux__
    static inline double gofer_monotonic(void) {
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
    }
    #else  /* where time.monotonic() is not clock_gettime's clock, it is asked itself */
    static inline double gofer_monotonic(void) {
        static PyObject *function = NULL;
        if (!function) {
            PyObject *module = PyImport_ImportModule("time");
            function = PyObject_GetAttrString(module, "monotonic");
            Py_DECREF(module);
        }
        PyObject *now = PyObject_CallNoArgs(function);
        double seconds = PyFloat_AsDouble(now);
        Py_DECREF(now);
        return seconds;
    }
    #endif
    #endif
    """
    double monotonic "gofer_monotonic" () noexcept
