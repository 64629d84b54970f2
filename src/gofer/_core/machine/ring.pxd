cdef extern from *:
    """
    #ifndef GOFER_RING_H
    #define GOFER_RING_H
    typedef struct { PyObject **slots; Py_ssize_t size; } gofer_ring;

    static void gofer_ring_close_at(gofer_ring *ring) {
        PyObject **slots = ring->slots;
        Py_ssize_t size = ring->size;
        ring->slots = NULL;
        ring->size = 0;
        for (Py_ssize_t i = 0; i < size; i++)
            Py_XDECREF(slots[i]);
        PyMem_Free(slots);
    }
    static gofer_ring gofer_ring_make(Py_ssize_t size) {
        gofer_ring ring = {NULL, 0};
        if (size && !(ring.slots = PyMem_Calloc((size_t)size, sizeof(PyObject *))))
            PyErr_NoMemory();
        else
            ring.size = size;
        return ring;
    }
    static inline PyObject *gofer_ring_take_at(gofer_ring *ring, Py_ssize_t i) {
        PyObject *value = ring->slots[i];
        ring->slots[i] = NULL;
        return value;
    }
    #define gofer_ring_close(ring) gofer_ring_close_at(&(ring))
    #define gofer_ring_put(ring, i, value) ((void)((ring).slots[i] = Py_NewRef(value)))
    #define gofer_ring_take(ring, i) gofer_ring_take_at(&(ring), (i))

    /* What the collector asks of the one class that has a ring, and of its subclasses. */
    static Py_ssize_t gofer_ring_offset;
    static traverseproc gofer_ring_rest;
    #define gofer_ring_of(owner) ((gofer_ring *)((char *)(owner) + gofer_ring_offset))
    static int gofer_ring_traverse(PyObject *owner, visitproc visit, void *arg) {
        gofer_ring *ring = gofer_ring_of(owner);
        for (Py_ssize_t i = 0; i < ring->size; i++)
            Py_VISIT(ring->slots[i]);
        return gofer_ring_rest(owner, visit, arg);
    }
    static int gofer_ring_clear(PyObject *owner) {
        gofer_ring *ring = gofer_ring_of(owner);
        for (Py_ssize_t i = 0; i < ring->size; i++)
            if (ring->slots[i])
                Py_SETREF(ring->slots[i], Py_NewRef(Py_None));
        return 0;
    }
    static void gofer_ring_show_at(PyObject *type, PyObject *owner, gofer_ring *ring) {
        gofer_ring_offset = (char *)ring - (char *)owner;
        gofer_ring_rest = ((PyTypeObject *)type)->tp_traverse;
        ((PyTypeObject *)type)->tp_traverse = gofer_ring_traverse;
        ((PyTypeObject *)type)->tp_clear = gofer_ring_clear;
    }
    #define gofer_ring_show(type, owner, ring) gofer_ring_show_at((type), (owner), &(ring))
    #endif
    """
    ctypedef struct Ring "gofer_ring":
        pass
    Ring make "gofer_ring_make" (Py_ssize_t size) except *
    void close "gofer_ring_close" (Ring ring)
    void put "gofer_ring_put" (Ring ring, Py_ssize_t index, object value) noexcept
    object take "gofer_ring_take" (Ring ring, Py_ssize_t index)
    void show "gofer_ring_show" (object cls, object owner, Ring ring)
