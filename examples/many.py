"""100,000 goroutines alive at once: expect their number, the number of threads, and the memory they took."""

import resource
import threading

from gofer import Chan, go, runtime
from gofer.sync import WaitGroup

COUNT = 100_000


def wait_at(gate: Chan[None], wg: WaitGroup) -> None:
    gate.recv()
    wg.done()


before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
gate: Chan[None] = Chan()
wg = WaitGroup()
wg.add(COUNT)
for _ in range(COUNT):
    go(wait_at, gate, wg)
for _ in range(2):
    runtime.gosched()
took = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / COUNT
print(f"{runtime.num_goroutine():,} goroutines on {threading.active_count()} thread(s), {took:.1f} KB each")
gate.close()
wg.wait()
while runtime.num_goroutine() > 1:
    runtime.gosched()  # another thread's last one may still be ending
print(f"{runtime.num_goroutine()} goroutine is left")
