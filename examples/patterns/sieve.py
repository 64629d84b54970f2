"""The prime sieve: a goroutine for each prime drops its multiples. Expect the primes from 2 to 71."""

from gofer import Chan, RecvChan, SendChan, go


def count(out: SendChan[int]) -> None:
    n = 2
    while True:
        out.send(n)
        n += 1


def drop_multiples(prime: int, source: RecvChan[int], out: SendChan[int]) -> None:
    for n in source:
        if n % prime:
            out.send(n)


numbers: Chan[int] = Chan()
go(count, numbers.sender)
primes = []
for _ in range(20):
    primes.append(numbers.recv())
    rest: Chan[int] = Chan()
    go(drop_multiples, primes[-1], numbers.receiver, rest.sender)
    numbers = rest
print(*primes)
