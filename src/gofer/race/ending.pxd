cdef extern from *:
    """
    #include <stdio.h>
    #include <unistd.h>

    static int race_status = 0;

    static void race_end(void)
    {
        fflush(NULL);
        _exit(race_status);
    }

    static int race_end_with(int status)
    {
        int asked = race_status;
        race_status = status;
        return asked ? 0 : Py_AtExit(race_end);
    }
    """
    bint race_end_with(int status) noexcept
