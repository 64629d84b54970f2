"""Which tests are about a module of the core, the quickest first. What is not here has no mutants."""

from __future__ import annotations

TESTS: dict[str, list[str]] = {
    module: [f"tests/{name}.py" for name in names.split()]
    for module, names in {
        "alarms": "unit/test_time unit/test_idle model/test_timers_model",
        "atomics": "unit/test_atomic",
        "blocking": "unit/test_blocking stress/test_kills",
        "chan": "unit/test_chan model/test_chan_model unit/test_select crash/test_failures",
        "cond": "unit/test_cond unit/test_sync model/test_cond_model",
        "context": "unit/test_context model/test_context_model",
        "deadlock": "crash/test_failures unit/test_idle stress/test_deadlocks",
        "duration": "unit/test_time",
        "errgroup": "unit/test_errgroup",
        "executor": "unit/test_executor cpython/test_concurrent_futures",
        "failure": "crash/test_failures unit/test_runtime",
        "futures": "unit/test_wait unit/test_blocking",
        "goroutine": "unit/test_sync unit/test_chan unit/test_runtime",
        "hub": "unit/test_fairness unit/test_idle unit/test_placement stress/test_starts",
        "latch": "unit/test_locks unit/test_wait unit/test_blocking unit/test_executor stress/test_kills",
        "launch": "cli/test_run crash/test_failures",
        "lineage": "unit/test_context model/test_context_model",
        "monitor": "unit/test_monitor",
        "mutex": "unit/test_locks unit/test_sync model/test_rwmutex_model stress/test_linearizability",
        "once": "unit/test_sync",
        "oncefuncs": "unit/test_sync",
        "plainmap": "unit/test_map model/test_map_model",
        "pool": "unit/test_sync",
        "runtime": "unit/test_runtime unit/test_idle",
        "rwmutex": "unit/test_locks unit/test_sync model/test_rwmutex_model",
        "select": "unit/test_select model/test_select_model",
        "syncmap": "unit/test_sync_map model/test_sync_map_model",
        "tickers": "unit/test_time model/test_timers_model",
        "timers": "unit/test_time model/test_timers_model",
        "visit": "unit/test_aio",
        "waitgroup": "unit/test_locks unit/test_sync model/test_waitgroup_model",
        "waking": "unit/test_sync",
        "worker": "unit/test_fairness unit/test_placement unit/test_runtime",
    }.items()
}
