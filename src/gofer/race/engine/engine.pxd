"""The C of the detector: headers whose state belongs to the one module that uses them, `detector`."""

from gofer._core.sched cimport scheduler
from gofer._core.sched.goroutine cimport Goroutine
from gofer._core.sched.worker cimport Worker
from libc.stdint cimport uint32_t, uint64_t, uintptr_t

cdef extern from "probe.h":
    ctypedef struct race_probe:
        pass

cdef extern from "calls.h":
    ctypedef struct race_node:
        pass
    ctypedef struct race_actor:
        uint64_t epoch
        uint64_t used
        race_node *seen
        race_node *bare
        void *self
        int quiet
    uintptr_t RACE_STRUCTURE, RACE_WHOLE
    int RACE_OP_SIZE, RACE_OP_READ, RACE_OP_LISTED, RACE_OP_NEXT, RACE_OP_GETATTR, RACE_OP_SETATTR
    int RACE_OP_RESIZE, RACE_OP_STRUCTURE, RACE_OP_GET, RACE_OP_POP, RACE_OP_SETDEFAULT
    int RACE_OP_PUT, RACE_OP_PUT_LEFT, RACE_OP_TAKE, RACE_OP_TAKE_LEFT
    bint race_on
    uint64_t race_accesses, race_locations
    Py_ssize_t race_nodes
    uint32_t race_frame_count, race_slots_made
    size_t race_map_count() noexcept
    Py_ssize_t race_memory() noexcept
    void race_watch_start(object plain) noexcept
    void race_switch(bint on) noexcept
    void race_access_start(void *(*local)() noexcept, void *(*adopted)() noexcept, object teller) noexcept
    void race_kinds_start(object local, object deque, object array, object cached) noexcept
    void race_stand_ins(object others) noexcept
    void race_maps_start(object type, object entries) noexcept
    bint race_is_map(object target) noexcept
    int race_map_read(race_actor *actor, object target) except -1
    void race_leave_to(object functions) noexcept
    void race_op_add(object function, int op) noexcept
    object race_steps_start(object next_name, object plain)
    int race_caches_start(object kind) except -1
    object race_steps_of(object target, object iterator, int mode)
    void race_handover_start(object (*released)(), void (*acquired)(object) noexcept) noexcept
    int race_hand_over(object target, object value, bint left) except -1
    int race_take_over(object target, object value, bint left) except -1
    object race_probe_function(object probe, object name)
    race_actor *race_at(race_actor actor) noexcept
    race_actor *race_actor_of(void *actor) noexcept
    race_actor *race_recording() noexcept
    uint64_t race_time(uint64_t epoch) noexcept
    race_node *race_node_hold(race_node *node) noexcept
    void race_node_drop(race_node *node) noexcept
    race_node *race_node_join(race_node *a, race_node *b) noexcept
    race_node *race_node_raise(race_node *node, uint64_t epoch) noexcept
    bint race_learn(race_actor *actor, race_node *seen, race_node *bare, uint64_t epoch) noexcept
    uint64_t race_slot_take(race_node *seen) noexcept
    void race_slot_give(uint64_t last, uint64_t needed) noexcept
    void race_tick(race_actor *actor) noexcept
    uint32_t race_capture() noexcept
    object race_stack(uint32_t stack)
    int race_one(race_actor *actor, object target, uintptr_t key, bint write) except -1
    int race_element(race_actor *actor, object target, uintptr_t key, bint write) except -1
    int race_structure(race_actor *actor, object target, uintptr_t key) except -1
    int race_whole(race_actor *actor, object target) except -1
    int race_attribute(object target, object name, bint write) except -1
    void race_access_dying(race_actor *actor, object target) noexcept
    void race_ignore(object target) noexcept
    void *race_notes(object target) noexcept
    uintptr_t race_key_attribute(object name) noexcept
    uintptr_t race_key_identity(object address) except? 0
    uintptr_t race_key_variable(object what) noexcept
    uintptr_t race_key_element(object key) noexcept

cdef extern from *:
    """
    static __thread void *race_this_thread = NULL;
    #define race_thread() race_this_thread
    #define race_set_thread(g) (race_this_thread = (void *)(g))
    #define race_address(o) ((void *)(o))
    """
    void *race_thread() noexcept
    void race_set_thread(void *g) noexcept
    void *race_address(object target) noexcept

cdef inline void *local_here() noexcept:
    """`local` of what runs here, borrowed: an Actor, None, or NULL where the slow way must find out."""
    cdef void *worker = scheduler.this_worker()
    cdef void *g
    if worker != NULL:
        g = (<Worker>worker).current
        if g == NULL:
            g = <void *>(<Worker>worker).hub_goroutine
    else:
        g = race_thread()
        if g == NULL:
            return NULL
    return <void *>(<Goroutine>g).local
