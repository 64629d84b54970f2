/* A core that watches its own rule (see guard.py): compiled with GOFER_CHECK=1, and only then. What must not happen
   while a thread holds a guard, or while its goroutine is about to switch away, ends the process and tells both places.

   All modules share one set of functions, and so one record a thread: who comes first leaves them with `sys`. */
#ifndef GOFER_CHECKS_H
#define GOFER_CHECKS_H
#include <stdio.h>
#include <string.h>
#ifdef __GLIBC__
#include <execinfo.h>
#endif

#define GOFER_CHECKS_PLACES 32
#define GOFER_CHECKS_NAME "_gofer_guard_checks"

typedef struct { const void *guard; const char *file; int line; } gofer_place;
typedef struct {
    int depth;   /* guards held */
    int grows;   /* a table of the core's may grow */
    int telling; /* it ends already */
    gofer_place held[GOFER_CHECKS_PLACES];
    gofer_place pinned; /* where the goroutine has armed itself; no file: it has not */
} gofer_checks_record;

typedef struct {
    void (*take)(gofer_place, int, int);
    void (*give)(gofer_place);
    void (*pin)(gofer_place);
    void (*grow)(void);
    void (*outside)(const char *, gofer_place);
    void (*apart)(const char *, gofer_place);
} gofer_checks;

static __thread gofer_checks_record gofer_checks_mine;
static PyMemAllocatorEx gofer_checks_memory;

static void gofer_checks_end(const char *what, gofer_place where, const char *rule, gofer_place since) {
    char text[800], at[400] = "";
    gofer_checks_mine.telling = 1;
    if (where.file)
        snprintf(at, sizeof(at), " at %s:%d", where.file, where.line);
    snprintf(text, sizeof(text), "%s%s, %s at %s:%d", what, at, rule, since.file, since.line);
#ifdef __GLIBC__
    void *calls[24];
    backtrace_symbols_fd(calls, backtrace(calls, 24), 2); /* the innermost ones, in C */
#endif
    Py_FatalError(text); /* which shows Python's stack, too */
}

static void gofer_checks_outside(const char *what, gofer_place where) {
    gofer_checks_record *mine = &gofer_checks_mine;
    if (mine->depth && !mine->telling)
        gofer_checks_end(what, where, "inside the guard taken", mine->held[0]);
}

static void gofer_checks_apart(const char *what, gofer_place where) {
    gofer_checks_record *mine = &gofer_checks_mine;
    gofer_checks_outside(what, where);
    if (mine->pinned.file && !mine->telling)
        gofer_checks_end(what, where, "on the stack of a goroutine that has armed itself", mine->pinned);
}

static void gofer_checks_take(gofer_place place, int more, int grows) {
    gofer_checks_record *mine = &gofer_checks_mine;
    if (!more)
        gofer_checks_outside("another guard is taken", place);
    if (mine->depth < GOFER_CHECKS_PLACES)
        mine->held[mine->depth] = place;
    mine->depth++;
    mine->grows = grows;
}

static void gofer_checks_give(gofer_place place) {
    gofer_checks_record *mine = &gofer_checks_mine;
    if (!mine->depth)
        gofer_checks_end("a guard that is not held is left", place, "in the thread that comes", place);
    mine->depth--;
    mine->grows = 0;
}

static void gofer_checks_grow(void) {
    gofer_checks_mine.grows = 1;
}

static void gofer_checks_pin(gofer_place place) {
    gofer_checks_mine.pinned = place;
}

/* An object is made or dies: either may run destructors. Memory of another kind is not asked for here. */
static void gofer_checks_object(const char *what) {
    gofer_checks_record *mine = &gofer_checks_mine;
    if (mine->depth && !mine->grows)
        gofer_checks_outside(what, (gofer_place){NULL, NULL, 0});
}
static void *gofer_checks_malloc(void *ctx, size_t size) {
    gofer_checks_object("an object is made");
    return gofer_checks_memory.malloc(gofer_checks_memory.ctx, size);
}
static void *gofer_checks_calloc(void *ctx, size_t count, size_t size) {
    gofer_checks_object("an object is made");
    return gofer_checks_memory.calloc(gofer_checks_memory.ctx, count, size);
}
static void *gofer_checks_realloc(void *ctx, void *memory, size_t size) {
    gofer_checks_object("an object is made");
    return gofer_checks_memory.realloc(gofer_checks_memory.ctx, memory, size);
}
static void gofer_checks_free(void *ctx, void *memory) {
    if (memory)
        gofer_checks_object("an object dies");
    gofer_checks_memory.free(gofer_checks_memory.ctx, memory);
}
static PyObject *gofer_checks_collection(PyObject *self, PyObject *args) {
    gofer_checks_apart("a collection begins", (gofer_place){NULL, NULL, 0});
    Py_RETURN_NONE;
}
static PyMethodDef gofer_checks_collection_def = {"collection", gofer_checks_collection, METH_VARARGS, NULL};

static gofer_checks gofer_checks_ours = {
    gofer_checks_take, gofer_checks_give, gofer_checks_pin, gofer_checks_grow, gofer_checks_outside,
    gofer_checks_apart,
};

static gofer_checks *gofer_checks_find(void) {
    static gofer_checks *found = NULL;
    if (found)
        return found;
    PyObject *shared = PySys_GetObject(GOFER_CHECKS_NAME);
    if (shared) {
        found = PyCapsule_GetPointer(shared, GOFER_CHECKS_NAME);
        return found;
    }
    found = &gofer_checks_ours;
    shared = PyCapsule_New(found, GOFER_CHECKS_NAME, NULL);
    PySys_SetObject(GOFER_CHECKS_NAME, shared);
    PyObject *module = PyImport_ImportModule("gc");
    PyObject *callbacks = PyObject_GetAttrString(module, "callbacks");
    PyObject *callback = PyCFunction_New(&gofer_checks_collection_def, NULL);
    PyList_Append(callbacks, callback);
    Py_DECREF(callback);
    Py_DECREF(callbacks);
    Py_DECREF(module);
    Py_DECREF(shared);
    PyMem_GetAllocator(PYMEM_DOMAIN_OBJ, &gofer_checks_memory);
    PyMemAllocatorEx watched = {
        NULL, gofer_checks_malloc, gofer_checks_calloc, gofer_checks_realloc, gofer_checks_free,
    };
    PyMem_SetAllocator(PYMEM_DOMAIN_OBJ, &watched);
    return found;
}

/* When the module is loaded, by a thread that has the interpreter and no guard. */
__attribute__((constructor)) static void gofer_checks_load(void) {
    gofer_checks_find();
}

#define GOFER_PLACE(g) ((gofer_place){(g), __FILE__, __LINE__})
#define GOFER_CHECK(call) (gofer_checks_find()->call)
#endif
