"""A worker pool: three goroutines share one channel of jobs. Expect `20 jobs by 3 workers, sum of squares 2470`."""

from gofer import Chan, RecvChan, SendChan, go
from gofer.sync import WaitGroup

WORKERS = 3


def work(jobs: RecvChan[int], results: SendChan[int]) -> None:
    for n in jobs:
        results.send(n * n)


def main() -> None:
    jobs: Chan[int] = Chan()
    results: Chan[int] = Chan()
    pool = WaitGroup()
    for _ in range(WORKERS):
        pool.go(work, jobs.receiver, results.sender)

    def produce() -> None:
        for n in range(20):
            jobs.send(n)
        jobs.close()  # the workers' loops end
        pool.wait()
        results.close()  # and then the loop below

    go(produce)
    squares = list(results)
    print(f"{len(squares)} jobs by {WORKERS} workers, sum of squares {sum(squares)}")


main()
