/* The bell of a worker that sleeps: a semaphore, or for the thread that must hear signals a pipe. See bell.py. */
#ifndef GOFER_BELL_H
#define GOFER_BELL_H
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#define GOFER_BELL_LONGEST 1e6 /* seconds */

typedef struct {
    PyThread_type_lock lock;
    int reads, writes; /* where there is no lock */
    int rung;
} gofer_bell;

/* With an exception set where it fails. */
static gofer_bell gofer_bell_hang(int hears_signals) {
    gofer_bell bell = {NULL, -1, -1, 0};
    int ends[2];
    if (!hears_signals) {
        bell.lock = PyThread_allocate_lock();
        if (bell.lock)
            PyThread_acquire_lock(bell.lock, WAIT_LOCK);
        else
            PyErr_NoMemory();
    } else if (pipe(ends) < 0) {
        PyErr_SetFromErrno(PyExc_OSError);
    } else {
        for (int i = 0; i < 2; i++) {
            fcntl(ends[i], F_SETFL, O_NONBLOCK);
            fcntl(ends[i], F_SETFD, FD_CLOEXEC);
        }
        bell.reads = ends[0];
        bell.writes = ends[1];
    }
    return bell;
}

/* Has Python write the number of every signal into `fd`; returns where it has done so before, -1: nowhere. */
#if PY_VERSION_HEX >= 0x030D0000
#define gofer_bell_set_wakeup_fd(fd) PySignal_SetWakeupFd(fd)
#else /* not exported */
static int gofer_bell_set_wakeup_fd(int fd) {
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback); /* the handler of a signal may have raised */
    PyObject *module = PyImport_ImportModule("_signal");
    PyObject *function = module ? PyObject_GetAttrString(module, "set_wakeup_fd") : NULL;
    PyObject *args = function ? Py_BuildValue("(i)", fd) : NULL;
    PyObject *kwargs = args ? Py_BuildValue("{s:O}", "warn_on_full_buffer", Py_False) : NULL;
    PyObject *before = kwargs ? PyObject_Call(function, args, kwargs) : NULL;
    int result = before ? (int)PyLong_AsLong(before) : -1;
    Py_XDECREF(before);
    Py_XDECREF(kwargs);
    Py_XDECREF(args);
    Py_XDECREF(function);
    Py_XDECREF(module);
    if (PyErr_Occurred())
        PyErr_WriteUnraisable(NULL);
    PyErr_Restore(type, value, traceback);
    return result;
}
#endif

static void gofer_bell_write(int fd, const char *bytes, ssize_t count) {
    while (write(fd, bytes, (size_t)count) < 0 && errno == EINTR)
        ; /* full: it wakes who waits as well as one byte more would */
}

static void gofer_bell_do_ring(gofer_bell *bell) {
    if (bell->lock) {
        PyThread_release_lock(bell->lock);
        return;
    }
    __atomic_store_n(&bell->rung, 1, __ATOMIC_SEQ_CST);
    gofer_bell_write(bell->writes, "", 1);
}

/* Empties the pipe; signals go on to who wanted to know of them before. */
static void gofer_bell_drain(gofer_bell *bell, int before) {
    char came[256];
    ssize_t count;
    while ((count = read(bell->reads, came, sizeof came)) > 0 || (count < 0 && errno == EINTR)) {
        ssize_t signals = 0;
        for (ssize_t i = 0; i < count; i++)
            if (came[i])
                came[signals++] = came[i];
        if (signals && before >= 0)
            gofer_bell_write(before, came, signals);
    }
}

static void gofer_bell_poll(gofer_bell *bell, double seconds) {
    struct pollfd end = {bell->reads, POLLIN, 0};
    Py_BEGIN_ALLOW_THREADS
#if defined(__linux__) && !defined(GOFER_BELL_ONLY_POLL) /* the other branch can be tried here too */
    struct timespec limit = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    ppoll(&end, 1, &limit, NULL);
#else
    poll(&end, 1, (int)(seconds * 1e3) + 1); /* up to 1 ms late */
#endif
    Py_END_ALLOW_THREADS
}

/* 1: rung; 0: the time is up, or a signal has come; -1: its handler has raised. */
static int gofer_bell_do_hear(gofer_bell *bell, double seconds) {
    if (!(seconds > 0.0))
        seconds = 0.0;
    if (seconds > GOFER_BELL_LONGEST)
        seconds = GOFER_BELL_LONGEST;
    if (bell->lock) {
        PyLockStatus status;
        Py_BEGIN_ALLOW_THREADS
        status = PyThread_acquire_lock_timed(bell->lock, (PY_TIMEOUT_T)(seconds * 1e6), 0);
        Py_END_ALLOW_THREADS
        return status == PY_LOCK_ACQUIRED;
    }
    int before = gofer_bell_set_wakeup_fd(bell->writes);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    int failed = PyErr_CheckSignals(); /* those that came before; from here on they are written into the pipe */
    if (!failed)
        gofer_bell_poll(bell, seconds);
    int now = gofer_bell_set_wakeup_fd(before);
    if (now != bell->writes)
        gofer_bell_set_wakeup_fd(now); /* the handler of a signal has set another one */
    gofer_bell_drain(bell, before);
    if (failed || PyErr_CheckSignals())
        return -1;
    return __atomic_exchange_n(&bell->rung, 0, __ATOMIC_SEQ_CST);
}

/* Who has taken the flag rings in a moment. A pipe may be rung twice, so there nobody waits for it. */
static void gofer_bell_do_expect(gofer_bell *bell) {
    if (bell->lock) {
        Py_BEGIN_ALLOW_THREADS
        PyThread_acquire_lock(bell->lock, WAIT_LOCK);
        Py_END_ALLOW_THREADS
    }
}

static void gofer_bell_do_after_fork(gofer_bell *bell) {
    if (bell->lock)
        return;
    int now = gofer_bell_set_wakeup_fd(-1);
    if (now != bell->writes)
        gofer_bell_set_wakeup_fd(now);
    close(bell->reads);
    close(bell->writes);
}

/* The core names a bell, not its address. */
#define gofer_bell_ring(bell) gofer_bell_do_ring(&(bell))
#define gofer_bell_hear(bell, seconds) gofer_bell_do_hear(&(bell), (seconds))
#define gofer_bell_expect(bell) gofer_bell_do_expect(&(bell))
#define gofer_bell_after_fork(bell) gofer_bell_do_after_fork(&(bell))
#endif
