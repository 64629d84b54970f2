"""What is new in Python 3.15: lazy imports, unpacking in comprehensions, frozendict, and what the library has since."""

import collections
import copy
import json
import threading

lazy import lazy_early
lazy import lazy_package.inner
lazy from lazy_package import outer, inner as renamed
lazy from lazy_shared import table as shared_table, Thing

import gofer
import lazy_listed
from racing import Box, both, in_turn, together

# -- lazy imports --


def test_norace_first_use_executes_the_module():
    both(lambda: lazy_early.table["a"], lambda: lazy_early.table["b"])


def test_norace_lazy_in_threads():
    def look():
        return lazy_early.total, len(lazy_early.table)

    together(look, look)


def test_norace_first_use_in_turn():
    """The one who uses it later has no other order with the one for whom the module was executed."""
    in_turn(lambda: outer.made.value, lambda: outer.made.value, lambda: renamed.made.value)


def test_norace_lazy_package():
    in_turn(lambda: lazy_package.inner.made.value, lambda: [lazy_package.inner.made.value for _ in range(2)])


def test_norace_lazy_name_of_a_module():
    in_turn(lambda: shared_table["a"], lambda: Thing().value, lambda: shared_table.get("b"))


def test_norace_listed_as_lazy():
    in_turn(lazy_listed.look, lazy_listed.look, lambda: lazy_listed.look())


def test_race_after_a_lazy_import():
    both(lambda: lazy_early.table.update(c=1), lambda: len(lazy_early.table))


def test_race_attribute_of_a_lazy_module():
    both(lambda: setattr(lazy_early, "total", 1), lambda: lazy_early.total)


def test_race_function_of_a_lazy_module():
    both(lambda: lazy_early.add(), lambda: lazy_early.add())


def test_race_class_of_a_lazy_module():
    both(lambda: setattr(Thing, "value", 3), lambda: Thing.value)


def test_norace_local_name_like_a_lazy_one():
    def use(outer):
        return [renamed for renamed in outer]

    both(lambda: use([1]), lambda: use([2]))


# -- unpacking in comprehensions --


def test_race_unpacked_in_a_list():
    parts = [[1], [2]]
    both(lambda: [*part for part in parts], lambda: parts[0].append(3))


def test_race_unpacked_in_a_set():
    parts = [[1], [2]]
    both(lambda: {*part for part in parts}, lambda: parts[0].append(3))


def test_race_unpacked_in_a_dict():
    parts = [{"a": 1}, {"b": 2}]
    both(lambda: {**part for part in parts}, lambda: parts[0].__setitem__("a", 3))


def test_race_unpacked_in_a_generator():
    parts = [[1], [2]]
    both(lambda: list(*part for part in parts), lambda: parts[0].append(3))


def test_race_unpacked_source():
    parts = [[1], [2]]
    both(lambda: [*part for part in parts], lambda: parts.append([3]))


def test_race_unpacked_dicts_source():
    parts = [{"a": 1}]
    both(lambda: {**part for part in parts if part}, lambda: parts.append({}))


def test_race_unpacked_expression():
    box = Box()
    box.value = {"a": 1}
    both(lambda: {**box.value for _ in range(2)}, lambda: setattr(box, "value", {}))


def test_race_unpacked_of_a_captured_variable():
    group = gofer.sync.WaitGroup()
    {**{n: group.go(lambda: n)} for n in range(3)}
    group.wait()


def test_norace_unpacked():
    parts, dicts = [[1], [2]], [{"a": 1}, {"b": 2}]

    def look():
        return [*part for part in parts], {**part for part in dicts}, [*(*part for part in parts)]

    both(look, look)
    assert look() == ([1, 2], {"a": 1, "b": 2}, [1, 2])


# -- frozendict --


def test_race_frozendict_made_from():
    source = {"a": 1}
    both(lambda: frozendict(source), lambda: source.__setitem__("a", 2))


def test_race_frozendict_made_of_pairs():
    pairs = [("a", 1)]
    both(lambda: frozendict(pairs), lambda: pairs.append(("b", 2)))


def test_race_frozendict_from_keys():
    keys = ["a"]
    both(lambda: frozendict.fromkeys(keys), lambda: keys.append("b"))


def test_race_frozendict_or():
    source, frozen = {"a": 1}, frozendict(b=1)
    both(lambda: frozen | source, lambda: source.__setitem__("a", 2))


def test_race_updated_from_frozendict():
    target, frozen = {"a": 1}, frozendict(b=1)
    both(lambda: target.update(frozen), lambda: len(target))


def test_race_value_in_frozendict():
    frozen = frozendict(items=[1])
    both(lambda: frozen["items"].append(2), lambda: len(frozen["items"]))


def test_race_copied_with_frozendict():
    frozen = frozendict(items=[1])
    both(lambda: copy.deepcopy(frozen), lambda: frozen["items"].append(2))


def test_race_json_of_frozendict():
    frozen = frozendict(items=[1])
    both(lambda: json.dumps(frozen), lambda: frozen["items"].append(2))


def test_race_dict_key_that_is_a_frozendict():
    held, key = {frozendict(a=1): 1}, frozendict(a=1)
    both(lambda: held[key], lambda: held.__setitem__(frozendict(a=1), 2))


def test_norace_frozendict():
    frozen = frozendict({"a": 1, "b": [2]})

    def look():
        match frozen:
            case {"a": found}:
                pass
        return (
            frozen["a"], "b" in frozen, len(frozen), list(frozen), [*frozen.values()], {**frozen}, dict(frozen), found,
            frozen | {}, frozen == {}, repr(frozen), hash(frozendict(a=1)), list(reversed(frozen)), sorted(frozen.items(), key=str),
            frozen.get("c"), frozen.copy(), [key for key in frozen.keys()], copy.deepcopy(frozen), json.dumps(frozen),
        )  # fmt: skip

    both(look, look)


# -- the library --


def test_race_bytes_taken():
    data = bytearray(b"abc")
    both(lambda: data.take_bytes(), lambda: data[0])


def test_race_counter_xor():
    held = collections.Counter("ab")
    both(lambda: held ^ collections.Counter("b"), lambda: held.update("c"))


def test_race_counter_xor_in_place():
    held = collections.Counter("ab")

    def change():
        nonlocal held
        held ^= collections.Counter("b")

    both(change, lambda: len(held))


def counted(box):
    while True:
        box.value += 1
        yield box


def test_race_generator_shared():
    numbers = counted(Box())
    both(lambda: next(numbers), lambda: next(numbers))


def test_norace_generator_serialized():
    numbers = threading.serialize_iterator(counted(Box()))
    both(lambda: next(numbers), lambda: next(numbers))
    together(lambda: next(numbers), lambda: [next(numbers) for _ in range(3)])


def test_norace_generator_synchronized():
    numbers = threading.synchronized_iterator(counted)(Box())
    together(lambda: next(numbers), lambda: next(numbers))


def test_race_item_of_a_generator_serialized():
    numbers = threading.serialize_iterator(counted(Box()))

    def use():
        next(numbers).other += 1

    together(use, use)


def test_race_source_serialized():
    items = [1, 2]
    numbers = threading.serialize_iterator(items)
    both(lambda: next(numbers), lambda: items.append(3))


def test_norace_concurrent_tee():
    def boxes():
        for _ in range(4):
            box = Box()
            box.value = 1
            yield box

    first, second = threading.concurrent_tee(boxes())
    together(lambda: [box.value for box in first], lambda: [box.value for box in second])
    ours, theirs = threading.concurrent_tee(boxes())
    in_turn(lambda: [box.value for box in ours], lambda: [box.value for box in theirs])


def test_race_concurrent_tee_source():
    items = [1, 2]
    first, second = threading.concurrent_tee(items)
    both(lambda: list(first), lambda: items.append(3))
