cdef extern from "stacks.h":
    void *begin "gofer_stacks_begin" (bint others) except NULL
    void end "gofer_stacks_end" (void *pile) noexcept
    void put_number "gofer_stacks_put_number" (void *pile, long number) noexcept
    void put_object "gofer_stacks_put_object" (void *pile, void *value) noexcept
    void put_thread "gofer_stacks_put_thread" (void *pile, unsigned long ident, int most) noexcept
    bint put_waiting "gofer_stacks_put_waiting" (void *pile, object greenlet) noexcept
    long next_number "gofer_stacks_next_number" (void *pile) noexcept
    object next_object "gofer_stacks_next_object" (void *pile)
    object next_arguments "gofer_stacks_next_arguments" (void *pile, object code)
    int clear "gofer_stacks_clear" (void *pile) except -1
