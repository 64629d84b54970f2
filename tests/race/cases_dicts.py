"""Dicts and their kin: keys, structure, views."""

import collections
import types
from collections import ChainMap, Counter, OrderedDict, defaultdict

from racing import Box, both, drain, together


class Key:
    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return hash(self.n)

    def __eq__(self, other):
        return self.n == other.n


def test_race_same_key():
    """dict['k']"""
    d = {"k": 0}

    def one():
        d["k"] = 1

    both(one, one)


def test_race_read_key():
    """dict['k']"""
    d = {"k": 0}

    def one():
        d["k"] = 1

    both(one, lambda: d["k"])


def test_race_integer_key():
    """dict[5]"""
    d = {5: 0}

    def one():
        d[5] += 1

    both(one, one)


def test_race_equal_number_keys():
    d = {1: 0}

    def one():
        d[1] = 1

    def two():
        d[1.0] = 1

    both(one, two)


def test_race_true_is_one():
    d = {1: 0}

    def one():
        d[1] = 1

    def two():
        d[True] = 1

    both(one, two)


def test_race_tuple_key():
    d = {(1, 2): 0}

    def one(a):
        d[(a, 2)] = 1

    both(lambda: one(1), lambda: one(1))


def test_race_object_key():
    key = Box()
    d = {key: 0}

    def one():
        d[key] = 1

    both(one, one)


def test_race_equal_object_keys():
    d = {Key(1): 0}

    def one():
        d[Key(1)] = 1

    both(one, one)


def test_race_frozenset_key():
    d = {frozenset([1]): 0}

    def one():
        d[frozenset([1])] = 1

    both(one, one)


def test_norace_existing_keys():
    d = {"a": 0, "b": 0}

    def one(k):
        d[k] = 1

    both(lambda: one("a"), lambda: one("b"))


def test_norace_existing_keys_augmented():
    d = {"a": 0, "b": 0}

    def one(k):
        d[k] += 1

    both(lambda: one("a"), lambda: one("b"))


def test_norace_existing_object_keys():
    a, b = Box(), Box()
    d = {a: 0, b: 0}

    def one(k):
        d[k] += 1

    both(lambda: one(a), lambda: one(b))


def test_norace_existing_hashed_keys():
    d = {Key(1): 0, Key(2): 0}

    def one(n):
        d[Key(n)] = 1

    both(lambda: one(1), lambda: one(2))


def test_norace_existing_against_len():
    d = {"a": 0}

    def one():
        d["a"] = 1

    both(one, lambda: len(d))


def test_norace_existing_against_in():
    d = {"a": 0}

    def one():
        d["a"] = 1

    both(one, lambda: "a" in d)


def test_norace_existing_against_keys():
    d = {"a": 0}

    def one():
        d["a"] = 1

    both(one, lambda: [k for k in d], lambda: list(d), lambda: list(d.keys()))


def test_race_new_keys():
    """dict (structure)"""
    d = {}

    def one(k):
        d[k] = 1

    both(lambda: one("a"), lambda: one("b"))


def test_race_new_key_len():
    """dict (structure)"""
    d = {}

    def one():
        d["a"] = 1

    both(one, lambda: len(d))


def test_race_new_key_in():
    d = {}

    def one():
        d["a"] = 1

    both(one, lambda: "b" in d)


def test_race_new_key_against_read():
    d = {"a": 1}

    def one():
        d["b"] = 1

    both(one, lambda: d["a"])


def test_race_new_key_truth():
    d = {}

    def one():
        d["a"] = 1

    both(one, lambda: 1 if d else 2)


def test_race_new_key_loop():
    d = {"z": 1}

    def one():
        d["a"] = 1

    def look():
        for _ in d:
            pass

    both(look, one)


def test_race_new_key_keys():
    d = {"z": 1}

    def one():
        d["a"] = 1

    both(lambda: list(d.keys()), one)


def test_race_value_against_values():
    d = {"z": 1}

    def one():
        d["z"] = 2

    both(lambda: list(d.values()), one)


def test_race_value_against_values_after():
    d = {"z": 1}

    def one():
        d["z"] = 2

    both(one, lambda: sum(d.values()))


def test_race_value_against_items():
    d = {"z": 1}

    def one():
        d["z"] = 2

    def look():
        for _k, _v in d.items():
            pass

    both(look, one)


def test_race_value_against_items_comprehension():
    d = {"z": 1}

    def one():
        d["z"] = 2

    both(one, lambda: {k: v for k, v in d.items()})


def test_race_value_against_dict():
    d = {"z": 1}

    def one():
        d["z"] = 2

    both(one, lambda: dict(d))


def test_race_value_against_copy():
    d = {"z": 1}

    def one():
        d["z"] = 2

    both(one, lambda: d.copy())


def test_race_value_against_display():
    d = {"z": 1}

    def one():
        d["z"] = 2

    both(one, lambda: {**d})


def test_race_value_against_keyword_call():
    d = {"z": 1}

    def f(**kw):
        return kw

    def one():
        d["z"] = 2

    both(one, lambda: f(**d))


def test_race_value_against_merge():
    d = {"z": 1}

    def one():
        d["z"] = 2

    both(one, lambda: d | {"y": 1})


def test_race_merge_in_place():
    d = {"z": 1}

    def one():
        mine = d
        mine |= {"y": 1}

    both(one, lambda: len(d))


def test_race_value_against_equal():
    d = {"z": 1}

    def one():
        d["z"] = 2

    both(one, lambda: d == {"z": 1})


def test_race_value_against_repr():
    d = {"z": 1}

    def one():
        d["z"] = 2

    both(one, lambda: repr(d))


def test_race_get():
    """dict['k']"""
    d = {"k": 1}

    def one():
        d["k"] = 2

    both(one, lambda: d.get("k"))


def test_race_get_default():
    d = {}

    def one():
        d["k"] = 2

    both(one, lambda: d.get("k", 0))


def test_race_setdefault():
    d = {}
    both(lambda: d.setdefault("a", []), lambda: d.setdefault("a", []))


def test_race_setdefault_other():
    d = {}
    both(lambda: d.setdefault("a", []), lambda: d.setdefault("b", []))


def test_norace_setdefault_known():
    d = {"a": []}
    both(lambda: d.setdefault("a", []), lambda: d.setdefault("a", []))


def test_race_pop():
    d = {"a": 1}
    both(lambda: d.pop("a", 0), lambda: d.get("a"))


def test_race_popitem():
    d = {"a": 1, "b": 1}
    both(lambda: d.popitem(), lambda: d.popitem())


def test_race_update():
    d = {}
    both(lambda: d.update(a=1), lambda: d.update(b=1))


def test_race_update_dict():
    """dict['k']"""
    d = {"k": 1}
    both(lambda: d.update({"k": 2}), lambda: d["k"])


def test_race_update_keyword():
    d = {"k": 1}
    both(lambda: d.update(k=2), lambda: d["k"])


def test_race_update_pairs():
    d = {"k": 1}
    both(lambda: d.update([("k", 2)]), lambda: d["k"])


def test_norace_update_other_key():
    d = {"k": 1, "j": 1}
    both(lambda: d.update({"k": 2}), lambda: d["j"])


def test_race_update_source():
    d, source = {}, {"k": 1}

    def one():
        source["k"] = 2

    both(one, lambda: d.update(source))


def test_race_clear():
    d = {"k": 1}
    both(lambda: d.clear(), lambda: d.get("k"))


def test_race_delete():
    d = {"k": 1, "j": 2}

    def one():
        del d["k"]

    both(one, lambda: d["j"])


def test_race_delete_two():
    d = {"k": 1, "j": 2}

    def one(k):
        del d[k]

    both(lambda: one("k"), lambda: one("j"))


def test_race_fromkeys_source():
    xs = ["a"]

    def one():
        xs[0] = "b"

    both(one, lambda: dict.fromkeys(xs))


def test_race_unpacked_keys():
    d = {"k": 1}

    def one():
        d["j"] = 1

    def look():
        (a, *_) = d
        return a

    both(look, one)


def test_race_sorted_dict():
    d = {"k": 1}

    def one():
        d["j"] = 1

    both(lambda: sorted(d), one)


def test_race_sorted_items():
    d = {"k": 1}

    def one():
        d["k"] = 2

    both(lambda: sorted(d.items()), one)


def test_race_in_values():
    d = {"k": 1}

    def one():
        d["k"] = 2

    both(lambda: 1 in d.values(), one)


def test_race_keys_view_kept():
    d = {"k": 1}
    keys = d.keys()

    def one():
        d["j"] = 2

    both(lambda: len(keys), one)


def test_race_match_mapping():
    d = {"k": 1}

    def one():
        d["k"] = 2

    def look():
        match d:
            case {"k": v}:
                return v
        return 0

    both(look, one)
