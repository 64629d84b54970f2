"""Which tests are about a module of the core, the quickest first. What is not here has no mutants."""

from __future__ import annotations

TESTS: dict[str, list[str]] = {
    module: [f"tests/{name}.py" for name in names.split()]
    for module, names in {
        "alarms": "unit/time/test_time unit/sched/test_idle model/test_timers_model",
        "atomics": "unit/sync/test_atomic",
        "blocking": "unit/outside/test_blocking stress/test_kills",
        "chan": "unit/chan/test_chan model/test_chan_model unit/chan/test_select crash/test_failures",
        "cond": "unit/sync/test_cond unit/sync/test_sync model/test_cond_model",
        "context": "unit/context/test_context model/test_context_model",
        "deadlock": "crash/test_failures unit/sched/test_idle stress/test_deadlocks",
        "duration": "unit/time/test_time",
        "errgroup": "unit/context/test_errgroup",
        "executor": "unit/outside/test_executor cpython/test_concurrent_futures",
        "failure": "crash/test_failures unit/sched/test_runtime",
        "futures": "unit/outside/test_wait unit/outside/test_blocking",
        "goroutine": "unit/sync/test_sync unit/chan/test_chan unit/sched/test_runtime",
        "hub": "unit/sched/test_fairness unit/sched/test_idle unit/sched/test_placement stress/test_starts",
        "latch": "unit/sync/test_locks unit/outside/test_wait unit/outside/test_blocking unit/outside/test_executor "
        "stress/test_kills",
        "launch": "cli/test_run crash/test_failures",
        "lineage": "unit/context/test_context model/test_context_model",
        "monitor": "unit/sched/test_monitor",
        "mutex": "unit/sync/test_locks unit/sync/test_sync model/test_rwmutex_model stress/test_linearizability",
        "once": "unit/sync/test_sync",
        "oncefuncs": "unit/sync/test_sync",
        "plainmap": "unit/sync/test_map model/test_map_model",
        "pool": "unit/sync/test_sync",
        "runtime": "unit/sched/test_runtime unit/sched/test_idle",
        "rwmutex": "unit/sync/test_locks unit/sync/test_sync model/test_rwmutex_model",
        "select": "unit/chan/test_select model/test_select_model",
        "syncmap": "unit/sync/test_sync_map model/test_sync_map_model",
        "tickers": "unit/time/test_time model/test_timers_model",
        "timers": "unit/time/test_time model/test_timers_model",
        "visit": "unit/outside/test_aio",
        "waitgroup": "unit/sync/test_locks unit/sync/test_sync model/test_waitgroup_model",
        "waking": "unit/sync/test_sync",
        "worker": "unit/sched/test_fairness unit/sched/test_placement unit/sched/test_runtime",
    }.items()
}
