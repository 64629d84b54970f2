"""gofer.Map: one variable, as Go's map is. Each read races with each unordered write, whatever its key."""

import collections
import copy
import functools
import json
import operator
import pickle
import pprint
import string

import gofer
from gofer import Map, sync
from racing import Box, both, in_turn, together


def filled():
    return gofer.Map({"a": 1, "b": 2})


def spared(body):
    """The body, in which the map itself may notice the other one."""

    def run():
        try:
            body()
        except gofer.FatalError:
            pass

    return run


def put(m):
    m["a"] = 3


def against_write(read, write=put):
    m = filled()
    both(spared(lambda: read(m)), spared(lambda: write(m)))


def against_read(write):
    against_write(lambda m: m["b"], write)


def against_other_key(write):
    """Another key is stored to: both are writes of the map."""
    against_write(lambda m: operator.setitem(m, "z", 1), write)


# -- reads --


def test_race_map_key():
    "Map"
    against_write(lambda m: m["a"])


def test_race_map_other_key():
    against_write(lambda m: m["b"])


def test_race_map_missing_key():
    against_write(lambda m: m["zz"])


def test_race_map_key_that_hashes():
    against_write(lambda m: m.get(Box()))


def test_race_map_get():
    against_write(lambda m: m.get("b"))


def test_race_map_in():
    against_write(lambda m: "b" in m)


def test_race_map_not_in():
    against_write(lambda m: "zz" not in m)


def test_race_map_len():
    against_write(lambda m: len(m))


def test_race_map_dunder_len():
    against_write(lambda m: m.__len__())


def test_race_map_truth():
    against_write(lambda m: 1 if m else 0)


def test_race_map_bool():
    against_write(lambda m: bool(m))


def test_race_map_loop():
    against_write(lambda m: [key for key in m])


def test_race_map_list():
    against_write(lambda m: list(m))


def test_race_map_sorted():
    against_write(lambda m: sorted(m))


def test_race_map_star():
    against_write(lambda m: [*m])


def test_race_map_unpacking():
    def read(m):
        first, second = m
        return first, second

    against_write(read)


def test_race_map_reversed():
    against_write(lambda m: list(reversed(m)))


def test_race_map_keys():
    against_write(lambda m: list(m.keys()))


def test_race_map_keys_loop():
    against_write(lambda m: [key for key in m.keys()])


def test_race_map_keys_length():
    against_write(lambda m: len(m.keys()))


def test_race_map_keys_in():
    against_write(lambda m: "a" in m.keys())


def test_race_map_keys_compared():
    against_write(lambda m: m.keys() == {"a", "b"})


def test_race_map_keys_union():
    against_write(lambda m: m.keys() | {"c"})


def test_race_map_keys_disjoint():
    against_write(lambda m: m.keys().isdisjoint({"c"}))


def test_race_map_keys_reversed():
    against_write(lambda m: list(reversed(m.keys())))


def test_race_map_values():
    against_write(lambda m: list(m.values()))


def test_race_map_values_loop():
    against_write(lambda m: [value for value in m.values()])


def test_race_map_values_sum():
    against_write(lambda m: sum(m.values()))


def test_race_map_values_length():
    against_write(lambda m: len(m.values()))


def test_race_map_values_in():
    against_write(lambda m: 2 in m.values())


def test_race_map_values_reversed():
    against_write(lambda m: list(reversed(m.values())))


def test_race_map_items():
    against_write(lambda m: list(m.items()))


def test_race_map_items_loop():
    def read(m):
        for key, value in m.items():
            Box().value = key, value

    against_write(read)


def test_race_map_items_in():
    against_write(lambda m: ("b", 2) in m.items())


def test_race_map_items_reversed():
    against_write(lambda m: list(reversed(m.items())))


def test_race_map_items_sorted_by_value():
    against_write(lambda m: sorted(m.items(), key=operator.itemgetter(1)))


def test_race_map_view_made_before():
    m = filled()
    values = m.values()
    both(spared(lambda: list(values)), spared(lambda: put(m)))


def test_race_map_iterator_made_before():
    m = filled()
    walk = iter(m)
    both(spared(lambda: next(walk)), spared(lambda: put(m)))


def test_race_map_iterator_made_only():
    against_write(lambda m: iter(m))


def test_race_map_dict():
    against_write(lambda m: dict(m))


def test_race_map_of_map():
    against_write(lambda m: gofer.Map(m))


def test_race_map_copy():
    against_write(lambda m: m.copy())


def test_race_map_copy_module():
    against_write(lambda m: copy.copy(m))


def test_race_map_deepcopy():
    against_write(lambda m: copy.deepcopy(m))


def test_race_map_pickle():
    against_write(lambda m: pickle.dumps(m))


def test_race_map_json():
    against_write(lambda m: json.dumps(m))


def test_race_map_json_inside():
    against_write(lambda m: json.dumps([m]))


def test_race_map_display():
    against_write(lambda m: {**m})


def test_race_map_keyword_call():
    against_write(lambda m: (lambda **named: named)(**m))


def test_race_map_update_of_dict():
    against_write(lambda m: {}.update(m))


def test_race_map_or():
    against_write(lambda m: m | {})


def test_race_map_or_right():
    against_write(lambda m: {} | m)


def test_race_map_equal():
    against_write(lambda m: m == {"a": 1})


def test_race_map_equal_right():
    against_write(lambda m: {"a": 1} == m)


def test_race_map_equal_to_map():
    against_write(lambda m: gofer.Map() == m)


def test_race_map_not_equal():
    against_write(lambda m: m != {"a": 1})


def test_race_map_equal_inside():
    against_write(lambda m: {"a": 1} in [m])


def test_race_map_equal_by_operator():
    against_write(lambda m: functools.reduce(operator.eq, [m, {"a": 1}]))


def test_race_map_repr():
    against_write(lambda m: repr(m))


def test_race_map_text():
    against_write(lambda m: str(m))


def test_race_map_fstring():
    against_write(lambda m: f"{m}")


def test_race_map_percent():
    against_write(lambda m: "%s" % m)


def test_race_map_percent_key():
    against_write(lambda m: "%(b)s" % m)


def test_race_map_template():
    against_write(lambda m: string.Template("$b").substitute(m))


def test_race_map_format_map():
    against_write(lambda m: "{b}".format_map(m))


def test_race_map_pprint():
    against_write(lambda m: pprint.pformat(m))


def test_race_map_match():
    def read(m):
        match m:
            case {"b": value}:
                return value

    against_write(read)


def test_race_map_dict_method():
    against_write(lambda m: dict.get(m, "b"))


def test_race_map_dict_items():
    against_write(lambda m: dict.items(m))


def test_race_map_itemgetter():
    against_write(operator.itemgetter("b"))


def test_race_map_counter():
    against_write(lambda m: collections.Counter(m))


def test_race_map_chain_map():
    against_write(lambda m: collections.ChainMap(m)["b"])


def test_race_map_getter_kept():
    m = filled()
    get = m.get
    both(spared(lambda: get("b")), spared(lambda: put(m)))


def test_race_map_in_threads():
    m = filled()
    together(spared(lambda: list(m.values())), spared(lambda: put(m)))


def test_race_map_read_before_write():
    m = filled()
    in_turn(lambda: len(m), lambda: put(m))


def test_race_map_write_before_read():
    m = filled()
    in_turn(lambda: put(m), lambda: [value for value in m.values()])


class Kept(gofer.Map):
    entries = 0

    def __getitem__(self, key):
        return super().__getitem__(key)


def test_race_map_subclass():
    "Kept"
    m = Kept(a=1, b=2)
    both(spared(lambda: m["b"]), spared(lambda: put(m)))


# -- writes --


def test_race_map_two_keys():
    "Map"
    against_other_key(put)


def test_race_map_two_new_keys():
    against_other_key(lambda m: operator.setitem(m, "y", 1))


def test_race_map_set_read():
    against_read(put)


def test_race_map_delete():
    against_read(lambda m: operator.delitem(m, "a"))


def test_race_map_delete_statement():
    def write(m):
        del m["a"]

    against_other_key(write)


def test_race_map_delete_of_nothing():
    against_read(lambda m: operator.delitem(m, "zz"))


def test_race_map_augmented():
    def write(m):
        m["a"] += 1

    against_read(write)


def test_race_map_unpacked_into():
    def write(m):
        m["a"], m["c"] = 1, 2

    against_read(write)


def test_race_map_setdefault():
    against_read(lambda m: m.setdefault("a", 3))


def test_race_map_pop():
    against_read(lambda m: m.pop("a"))


def test_race_map_pop_of_nothing():
    against_read(lambda m: m.pop("zz", None))


def test_race_map_popitem():
    against_read(lambda m: m.popitem())


def test_race_map_update():
    against_read(lambda m: m.update(c=1))


def test_race_map_update_with_nothing():
    against_read(lambda m: m.update())


def test_race_map_in_place_or():
    def write(m):
        m |= {"c": 1}

    against_read(write)


def test_race_map_in_place_or_twice():
    def write(m):
        m |= {"c": 1}

    against_other_key(write)


def test_race_map_clear():
    against_read(lambda m: m.clear())


def test_race_map_dict_store():
    against_read(lambda m: dict.__setitem__(m, "a", 1))


def test_race_map_writer_kept():
    m = filled()
    update = m.update
    both(spared(lambda: update(c=1)), spared(lambda: put(m)))


# -- what it is given --


def test_race_map_updated_from():
    m, source = filled(), {"a": 1}
    both(lambda: m.update(source), lambda: operator.setitem(source, "a", 2))


def test_race_map_in_place_from():
    m, source = filled(), {"a": 1}

    def merge():
        nonlocal m
        m |= source

    both(merge, lambda: operator.setitem(source, "a", 2))


def test_race_map_made_from():
    source = {"a": 1}
    both(lambda: gofer.Map(source), lambda: operator.setitem(source, "a", 2))


def test_race_map_made_from_by_name():
    source = {"a": 1}
    both(lambda: Map(source), lambda: operator.setitem(source, "a", 2))


def test_norace_map_values_given():
    m, held = gofer.Map(a=[1]), [1]
    both(lambda: m.update(a=held), lambda: held.append(2))


def test_race_map_value_held():
    m = gofer.Map(a=[1])
    both(lambda: m["a"].append(2), lambda: m["a"].append(3))


# -- no races --


def test_norace_map_reads():
    m = filled()

    def read():
        return (
            m["a"], m.get("b"), "c" in m, len(m), bool(m), list(m), dict(m), m.copy(), {**m}, m | {}, {} | m,
            m == {}, m != m, repr(m), f"{m}", list(m.values()), list(reversed(m)), [*m.items()], sorted(m.keys()),
            pickle.dumps(m), json.dumps(m), copy.deepcopy(m), 1 in m.values(), m.keys() & {"a"},
        )  # fmt: skip

    both(read, read)
    together(read, read)


def test_norace_map_views_made_only():
    m = filled()

    def look():
        return m.keys(), m.values(), m.items()

    both(look, lambda: put(m))


def test_norace_map_locked():
    m, mutex = filled(), sync.Mutex()

    def use(key):
        with mutex:
            m[key] = len(m)
            m.setdefault(key, list(m.values()))
            del m[key]

    both(lambda: use("x"), lambda: use("y"))


def test_norace_map_handed_over():
    m, ready = filled(), gofer.Chan()

    def first():
        put(m)
        ready.send(m)

    def second():
        given = ready.recv()
        for key, value in given.items():
            given[key] = value, repr(given)

    both(first, second)


def test_norace_two_maps():
    first, second = filled(), filled()
    both(lambda: put(first), lambda: put(second))


def test_norace_map_and_its_copy():
    m = filled()
    other = m.copy()
    both(lambda: put(m), lambda: list(other.values()))


def test_norace_map_subclass_attribute():
    m = Kept(a=1)
    m.entries = 1
    both(lambda: m["a"], lambda: m.entries)
