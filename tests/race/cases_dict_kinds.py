"""Dicts of other kinds, nested ones, and what wraps them."""

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


def test_race_nested():
    """dict['y']"""
    d = {"x": {"y": 1}}

    def one():
        d["x"]["y"] += 1

    both(one, one)


def test_norace_nested():
    d = {"x": {"y": 1}, "z": {"y": 1}}

    def one(k):
        d[k]["y"] += 1

    both(lambda: one("x"), lambda: one("z"))


def test_race_dict_of_lists():
    d = {"x": []}
    both(lambda: d["x"].append(1), lambda: d["x"].append(2))


def test_race_subclass():
    class Table(dict):
        pass

    d = Table()

    def one(k):
        d[k] = 1

    both(lambda: one("a"), lambda: one("b"))


def test_race_subclass_with_own_setitem():
    class Table(dict):
        def __setitem__(self, k, v):
            super().__setitem__(k, v)

    d = Table()

    def one(k):
        d[k] = 1

    both(lambda: one("a"), lambda: one("b"))


def test_norace_subclass_that_keeps_nothing():
    class Table(dict):
        def __setitem__(self, k, v):
            pass

    d = Table()

    def one(k):
        d[k] = 1

    both(lambda: one("a"), lambda: one("a"))


def test_race_user_class():
    """list (structure)"""

    class Table:
        def __init__(self):
            self.items = []

        def __setitem__(self, k, v):
            self.items.append((k, v))

    t = Table()

    def one(k):
        t[k] = 1

    both(lambda: one("a"), lambda: one("b"))


def test_race_userdict():
    d = collections.UserDict()

    def one(k):
        d[k] = 1

    both(lambda: one("a"), lambda: one("b"))


def test_race_defaultdict_read_makes():
    d = defaultdict(list)
    both(lambda: d["a"], lambda: d["a"])


def test_race_defaultdict_read_makes_other():
    d = defaultdict(list)
    both(lambda: d["a"], lambda: d["b"])


def test_norace_defaultdict_known():
    d = defaultdict(list, a=[], b=[])
    both(lambda: d["a"].append(1), lambda: d["b"].append(1))


def test_race_defaultdict_append():
    d = defaultdict(list, a=[])
    both(lambda: d["a"].append(1), lambda: d["a"].append(1))


def test_race_defaultdict_augmented():
    d = defaultdict(int)

    def one():
        d["k"] += 1

    both(one, one)


def test_race_ordereddict_move():
    d = OrderedDict(a=1, b=2)
    both(lambda: d.move_to_end("a"), lambda: list(d))


def test_race_ordereddict_key():
    """OrderedDict['a']"""
    d = OrderedDict(a=1, b=2)

    def one():
        d["a"] += 1

    both(one, one)


def test_norace_ordereddict_keys():
    d = OrderedDict(a=1, b=2)

    def one(k):
        d[k] += 1

    both(lambda: one("a"), lambda: one("b"))


def test_race_ordereddict_popitem():
    d = OrderedDict(a=1, b=2)
    both(lambda: d.popitem(last=False), lambda: d.popitem())


def test_race_counter():
    """Counter['a']"""
    c = Counter(a=1)

    def one():
        c["a"] += 1

    both(one, one)


def test_race_counter_new():
    c = Counter()

    def one(k):
        c[k] += 1

    both(lambda: one("a"), lambda: one("b"))


def test_norace_counter_missing_reads():
    c = Counter()
    both(lambda: c["a"], lambda: c["b"])


def test_race_counter_update():
    c = Counter()
    both(lambda: c.update("ab"), lambda: c.update("ab"))


def test_race_counter_most_common():
    c = Counter("aab")

    def one():
        c["a"] += 1

    both(one, lambda: c.most_common())


def test_race_counter_subtract():
    c = Counter("aab")
    both(lambda: c.subtract("a"), lambda: c["a"])


def test_race_counter_total():
    c = Counter("aab")

    def one():
        c["a"] += 1

    both(one, lambda: c.total())


def test_race_chainmap():
    first = {"a": 1}
    m = ChainMap(first, {})

    def one():
        first["a"] = 2

    both(one, lambda: m["a"])


def test_race_proxy():
    d = {"a": 1}
    proxy = types.MappingProxyType(d)

    def one():
        d["a"] = 2

    both(one, lambda: proxy["a"])


def test_norace_reads():
    d = {"a": 1}
    both(
        lambda: d["a"],
        lambda: d.get("b"),
        lambda: len(d),
        lambda: dict(d),
        lambda: list(d.items()),
        lambda: {**d},
        lambda: "a" in d,
        lambda: drain(d.values()),
    )


def test_norace_lookup_by_fresh_string():
    d = {"key1": 0, "key2": 0}

    def one(n):
        d["key" + str(n)] += 1

    both(lambda: one(1), lambda: one(2))


def test_race_lookup_by_fresh_string():
    """dict['key1']"""
    d = {"key1": 0}

    def one(n):
        d["key" + str(n)] += 1

    both(lambda: one(1), lambda: one(1))


def test_race_threads():
    d = {}

    def one(k):
        for n in range(3):
            d[k, n] = 1

    together(lambda: one(1), lambda: one(2))


def test_race_dict_walrus_value():
    d = {"a": 0}

    def one():
        if (n := d["a"]) == 0:
            d["a"] = n + 1

    both(one, one)


def test_race_dict_for_target():
    d = {"a": 0}

    def one():
        for d["a"] in (1, 2):
            pass

    both(one, lambda: d["a"])
