"""Going over a container step by step while it changes: each kind, each way to go over it, the loop first or second."""

import array
import collections
import itertools
import types

from racing import Box, drain, in_turn


def loop(held):
    for _ in held:
        pass


def deque():
    return collections.deque([1, 2, 3])


def ordered():
    return collections.OrderedDict(a=1, b=2)


class Bag:
    """A class of one's own in front of a list."""

    def __init__(self):
        self.items = [1, 2, 3]

    def __iter__(self):
        return iter(self.items)


class Reversible(list):
    """A list that goes over itself in its own way."""

    def __iter__(self):
        return super().__reversed__()


def test_race_deque_then_append():
    """deque (structure)"""
    held = deque()
    in_turn(lambda: loop(held), lambda: held.append(4))


def test_race_append_then_deque():
    """deque (structure)"""
    held = deque()
    in_turn(lambda: held.append(4), lambda: loop(held))


def test_race_deque_then_popleft():
    held = deque()
    in_turn(lambda: loop(held), lambda: held.popleft())


def test_race_pop_then_deque():
    held = deque()
    in_turn(lambda: held.pop(), lambda: loop(held))


def test_race_deque_appendleft_listed():
    held = deque()
    in_turn(lambda: held.appendleft(4), lambda: list(held))


def test_race_deque_comprehension():
    held = deque()
    in_turn(lambda: [item for item in held], lambda: held.append(4))


def test_race_deque_enumerated():
    held = deque()
    in_turn(lambda: held.append(4), lambda: drain(enumerate(held)))


def test_race_deque_zipped():
    held = deque()
    in_turn(lambda: drain(zip(held, "abc", strict=False)), lambda: held.append(4))


def test_race_deque_mapped():
    held = deque()
    in_turn(lambda: held.append(4), lambda: drain(map(str, held)))


def test_race_deque_filtered():
    held = deque()
    in_turn(lambda: drain(filter(None, held)), lambda: held.append(4))


def test_race_deque_reversed():
    held = deque()
    in_turn(lambda: held.append(4), lambda: loop(reversed(held)))


def test_race_deque_generator():
    held = deque()
    in_turn(lambda: drain(item for item in held), lambda: held.popleft())


def test_race_deque_chained():
    held = deque()
    in_turn(lambda: held.append(4), lambda: drain(itertools.chain(held)))


def test_race_deque_iterator():
    held = deque()

    def look():
        steps = iter(held)
        next(steps)

    in_turn(lambda: held.append(4), look)


def test_race_deque_length():
    held = deque()
    in_turn(lambda: held.append(4), lambda: len(held))


def test_race_deque_first():
    held = deque()
    in_turn(lambda: held[0], lambda: held.appendleft(4))


def test_race_deque_cleared():
    held = deque()
    in_turn(lambda: held.append(4), lambda: held.clear())


def test_race_deque_extended():
    held = deque()
    in_turn(lambda: held.extend([1]), lambda: held.popleft())


def test_race_deque_by_stored_method():
    held = deque()
    put = held.append
    in_turn(lambda: put(4), lambda: loop(held))


def test_race_deque_of_a_class():
    class Line(collections.deque):
        pass

    held = Line([1, 2])
    in_turn(lambda: loop(held), lambda: held.append(4))


def test_norace_deque_loops():
    held = deque()
    in_turn(lambda: loop(held), lambda: list(reversed(held)), lambda: len(held))


def test_norace_deque_loop_then_ends():
    """Whoever took a value out comes after whoever put it in, and after what that one did before."""
    held = collections.deque()

    def give():
        loop(held)
        held.append(Box())

    def take():
        held.popleft().value += 1
        loop(held)

    in_turn(give, take)


def test_race_deque_loop_after_another_append():
    held = collections.deque()

    def give():
        held.append(1)
        held.append(2)

    def take():
        held.popleft()
        loop(held)

    in_turn(give, take)


def test_norace_deque_empty_pop():
    """It takes nothing, and changes nothing."""
    held = collections.deque()

    def take():
        try:
            held.pop()
        except IndexError:
            pass

    in_turn(take, lambda: loop(held))


def test_race_list():
    held = [1, 2]
    in_turn(lambda: loop(held), lambda: held.append(3))


def test_race_list_reversed_structure():
    """list (structure)"""
    held = [1, 2]
    in_turn(lambda: loop(reversed(held)), lambda: held.append(3))


def test_race_list_reversed_element():
    held = [1, 2]

    def change():
        held[0] = 9

    in_turn(change, lambda: loop(reversed(held)))


def test_norace_list_reversed_far_element():
    """The loop ends before it comes there."""
    held = [1, 2]

    def look():
        for _ in reversed(held):
            break

    def change():
        held[0] = 9

    in_turn(change, look)


def test_race_bytearray():
    held = bytearray(b"ab")
    in_turn(lambda: loop(held), lambda: held.append(3))


def test_race_bytearray_iterator():
    """bytearray[0]"""
    held = bytearray(b"ab")

    def change():
        held[0] = 9

    in_turn(change, lambda: next(iter(held)))


def test_norace_bytearray_iterator():
    held = bytearray(b"ab")

    def change():
        held[1] = 9

    in_turn(change, lambda: next(iter(held)))


def test_race_array():
    held = array.array("i", [1, 2])
    in_turn(lambda: held.append(3), lambda: loop(held))


def test_race_array_iterator():
    held = array.array("i", [1, 2])

    def change():
        held[0] = 9

    in_turn(lambda: next(iter(held)), change)


def test_norace_array_iterator():
    held = array.array("i", [1, 2])

    def change():
        held[1] = 9

    in_turn(lambda: next(iter(held)), change)


def test_race_array_reversed():
    held = array.array("i", [1, 2])
    in_turn(lambda: loop(reversed(held)), lambda: held.pop())


def test_race_set():
    held = {1, 2}
    in_turn(lambda: loop(held), lambda: held.add(3))


def test_race_set_iterator():
    held = {1, 2}
    in_turn(lambda: held.discard(2), lambda: next(iter(held)))


def test_race_dict_reversed():
    held = {"a": 1, "b": 2}
    in_turn(lambda: loop(reversed(held)), lambda: held.pop("a"))


def test_norace_dict_reversed():
    held = {"a": 1, "b": 2}

    def change():
        held["a"] = 9

    in_turn(lambda: loop(reversed(held)), change)


def test_race_dict_values_reversed():
    held = {"a": 1, "b": 2}

    def change():
        held["a"] = 9

    in_turn(lambda: loop(reversed(held.values())), change)


def test_race_ordered_dict():
    held = ordered()
    in_turn(lambda: loop(held), lambda: held.move_to_end("a"))


def test_race_ordered_dict_reversed():
    held = ordered()
    in_turn(lambda: held.popitem(), lambda: loop(reversed(held)))


def test_race_ordered_dict_values():
    """OrderedDict['a']"""
    held = ordered()

    def change():
        held["a"] = 9

    in_turn(change, lambda: loop(held.values()))


def test_race_ordered_dict_items_iterator():
    held = ordered()

    def change():
        held["c"] = 9

    in_turn(change, lambda: next(iter(held.items())))


def test_norace_ordered_dict_keys():
    held = ordered()

    def change():
        held["a"] = 9

    in_turn(change, lambda: loop(held), lambda: loop(held.keys()), lambda: next(iter(held)))


def test_race_defaultdict():
    held = collections.defaultdict(int, a=1)
    in_turn(lambda: loop(held.items()), lambda: held["z"])


def test_race_counter_update():
    """Counter (structure)"""
    held = collections.Counter("ab")
    in_turn(lambda: held.update(["c"]), lambda: loop(held))


def test_norace_counter_update_known():
    held = collections.Counter("ab")
    in_turn(lambda: held.update(["a"]), lambda: loop(held))


def test_race_proxy():
    held = {"a": 1}
    proxy = types.MappingProxyType(held)
    in_turn(lambda: loop(proxy), lambda: held.pop("a"))


def test_race_proxy_length():
    held = {"a": 1}
    proxy = types.MappingProxyType(held)
    in_turn(lambda: held.pop("a"), lambda: len(proxy))


def test_race_own_class_structure():
    bag = Bag()
    in_turn(lambda: loop(bag), lambda: bag.items.append(4))


def test_race_own_class_element():
    """list[1]"""
    bag = Bag()

    def change():
        bag.items[1] = 9

    in_turn(change, lambda: loop(bag))


def test_race_own_class_element_of_comprehension():
    bag = Bag()

    def change():
        bag.items[1] = 9

    in_turn(lambda: [item for item in bag], change)


def test_norace_own_class_other_element():
    bag = Bag()

    def look():
        for _ in bag:
            break

    def change():
        bag.items[1] = 9

    in_turn(change, look)


def test_race_own_order():
    held = Reversible([1, 2])
    in_turn(lambda: loop(held), lambda: held.append(3))


def test_norace_own_order():
    held = Reversible([1, 2])

    def look():
        for _ in held:
            break

    def change():
        held[0] = 9

    in_turn(look, change)


def test_norace_own_iterator_asked_once():
    """A loop calls `__iter__` once, and that of what it returns not at all."""

    class Countdown:
        asked = 0

        def __init__(self, n):
            self.n = n

        def __iter__(self):
            Countdown.asked += 1
            return self

        def __next__(self):
            if self.n == 0:
                raise StopIteration
            self.n -= 1
            return self.n

    assert [n for n in Countdown(3)] == [2, 1, 0]
    for _ in Countdown(2):
        pass
    assert Countdown.asked == 2


def test_race_user_dict():
    """dict (structure)"""
    held = collections.UserDict(a=1)
    in_turn(lambda: held.update(b=2), lambda: loop(held))


def test_race_user_dict_items():
    """dict['a']"""
    held = collections.UserDict(a=1)

    def change():
        held["a"] = 2

    in_turn(lambda: loop(held.items()), change)


def test_race_user_dict_pop():
    held = collections.UserDict(a=1)
    in_turn(lambda: held.pop("a"), lambda: held.get("a"))


def test_norace_user_dict_other_key():
    held = collections.UserDict(a=1, b=2)

    def change():
        held["a"] = 2

    in_turn(change, lambda: held["b"], lambda: len(held), lambda: loop(held))


def test_race_user_list():
    """list (structure)"""
    held = collections.UserList([1, 2])
    in_turn(lambda: held.append(3), lambda: loop(held))


def test_race_user_list_element():
    """list[0]"""
    held = collections.UserList([1, 2])

    def change():
        held[0] = 9

    in_turn(lambda: held[0], change)


def test_norace_user_list_other_element():
    held = collections.UserList([1, 2])

    def change():
        held[0] = 9

    in_turn(lambda: held[1], change)


def test_race_chain_map():
    first = {"a": 1}
    held = collections.ChainMap(first, {"b": 2})
    in_turn(lambda: first.update(c=3), lambda: loop(held))


def test_race_chain_map_second():
    second = {"b": 2}
    held = collections.ChainMap({}, second)

    def change():
        second["b"] = 3

    in_turn(lambda: held["b"], change)


def test_norace_chain_map():
    second = {"b": 2}
    held = collections.ChainMap({"b": 1}, second)

    def change():
        second["b"] = 3

    in_turn(lambda: held["b"], change)
