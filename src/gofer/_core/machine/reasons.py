"""Why a goroutine does not run: the numbers that the core uses and the words that a dump shows (Go's own)."""

RUNNING = 0
RUNNABLE = 1
CHAN_RECEIVE = 2
CHAN_RECEIVE_NIL = 3
CHAN_SEND = 4
CHAN_SEND_NIL = 5
SELECT = 6
SELECT_NO_CASES = 7
SLEEP = 8
IO_WAIT = 9
MUTEX_LOCK = 10
RWMUTEX_RLOCK = 11
RWMUTEX_LOCK = 12
WAITGROUP_WAIT = 13
COND_WAIT = 14
SEMACQUIRE = 15
BLOCKING_CALL = 16
FUTURE = 17
DEAD = 18
OWN_FUTURE = 19  # a future that only a goroutine completes

NAMES = (
    "running",
    "runnable",
    "chan receive",
    "chan receive (nil chan)",
    "chan send",
    "chan send (nil chan)",
    "select",
    "select (no cases)",
    "sleep",
    "IO wait",
    "sync.Mutex.Lock",
    "sync.RWMutex.RLock",
    "sync.RWMutex.Lock",
    "sync.WaitGroup.Wait",
    "sync.Cond.Wait",
    "semacquire",
    "blocking call",
    "future",
    "finished",
    "future",
)
