"""Waiting with sleep: expect `hello`, then `bye`. It works until `hello` takes longer than the guess: never do it."""

from gofer import go, time


def hello() -> None:
    print("hello")


go(hello)
time.sleep(0.05)
print("bye")
