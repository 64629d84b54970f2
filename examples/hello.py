"""Main does not wait: expect `bye`, and hardly ever `hello`, because the program ends with its main goroutine."""

from gofer import go


def hello() -> None:
    print("hello")


go(hello)
print("bye")
