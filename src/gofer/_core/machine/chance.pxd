cdef extern from *:
    """
    #ifndef GOFER_CHANCE_H
    #define GOFER_CHANCE_H
    #include <stdint.h>
    #include <time.h>
    /* xorshift64*, one state a thread. */
    static unsigned long gofer_chance_below(unsigned long n) {
        static __thread uint64_t state = 0;
        if (!state)
            state = ((uint64_t)(uintptr_t)&state ^ ((uint64_t)time(NULL) << 32) ^ (uint64_t)clock()) | 1;
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        uint64_t high = (state * 2685821657736338717ULL) >> 32;
        return (unsigned long)((high * (uint64_t)n) >> 32);
    }
    #endif
    """
    unsigned long below "gofer_chance_below" (unsigned long n) noexcept
