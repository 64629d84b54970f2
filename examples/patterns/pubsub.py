"""Publish and subscribe: one goroutine owns the list of subscribers, so nothing is locked; slow ones miss messages.

Expect `ann heard: one two three`, `ben heard: two three` and `slow heard: two`.
"""

from gofer import Chan, go, recv, select, send
from gofer.context import Context, background, with_cancel


class Hub:
    def __init__(self, ctx: Context) -> None:
        self.joining: Chan[Chan[str]] = Chan()
        self.messages: Chan[str] = Chan()
        go(self.run, ctx)

    def run(self, ctx: Context) -> None:
        subscribers: list[Chan[str]] = []
        while True:
            match select(recv(self.joining), recv(self.messages), recv(ctx.done())):
                case 0, subscriber, _:
                    subscribers.append(subscriber)
                case 1, message, _:
                    for subscriber in subscribers:
                        select(send(subscriber, message), default=True)  # full: it misses this one
                case _:
                    for subscriber in subscribers:
                        subscriber.close()
                    return

    def subscribe(self, room: int) -> Chan[str]:
        subscriber: Chan[str] = Chan(room)
        self.joining.send(subscriber)
        return subscriber


with with_cancel(background()) as ctx:
    hub = Hub(ctx)
    ann = hub.subscribe(8)
    hub.messages.send("one")
    ben, slow = hub.subscribe(8), hub.subscribe(1)
    hub.messages.send("two")
    hub.messages.send("three")
for name, inbox in (("ann", ann), ("ben", ben), ("slow", slow)):
    print(name, "heard:", *inbox)
