cdef extern from *:
    """
    #include <stdio.h>
    #include <unistd.h>

    static int gofer_status = -1;

    static void gofer_status_end(void) {
        fflush(NULL);
        _exit(gofer_status);
    }

    static int gofer_status_ask(int status) {
        if (gofer_status >= 0)
            return 0;
        gofer_status = status;
        return Py_AtExit(gofer_status_end);
    }
    """
    int ask "gofer_status_ask" (int status) noexcept
