"""A deadlock: expect `fatal error: all goroutines are asleep - deadlock!`, both goroutines' stacks, status 2."""

from gofer import Chan, go


def worker(jobs: Chan[int]) -> None:
    print("job", jobs.recv())


jobs: Chan[int] = Chan()
done: Chan[None] = Chan()
go(worker, jobs)
done.recv()
