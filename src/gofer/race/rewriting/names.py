"""Names of functions and methods that may be built-in ones and whose calls are looked at, and of their modules."""

METHODS = {
    "append", "extend", "insert", "remove", "clear", "sort", "reverse", "update", "popitem", "add", "discard", "pop",
    "difference_update", "intersection_update", "symmetric_difference_update", "extendleft", "rotate", "appendleft",
    "popleft", "move_to_end", "get", "setdefault", "keys", "values", "items", "copy", "index", "count", "join",
    "union", "intersection", "difference", "symmetric_difference", "issubset", "issuperset", "isdisjoint",
    "setitem", "getitem", "delitem", "__setitem__", "__getitem__", "__delitem__", "__len__", "__contains__",
    "__iadd__", "__ior__", "resize", "take_bytes", "frombytes", "fromlist", "tolist", "tobytes",
    "write", "writelines", "sendall", "sendto", "sendmsg", "read", "readline", "readlines", "read1", "readinto", "recv",
    "recv_into", "recvfrom", "recvmsg", "format", "pread", "preadv", "pwrite", "pwritev", "readv", "writev", "sendfile",
    "splice", "translate", "serialize_iterator", "concurrent_tee",
    "decode", "hex", "find", "format_map",
    "fromkeys", "most_common", "subtract", "total", "elements", "__setattr__", "__delattr__", "__next__",
    "__getattribute__", "Map", "send", "throw", "byteswap", "from_iterable",
}  # fmt: skip
FUNCTIONS = {
    "len", "sorted", "sum", "min", "max", "any", "all", "list", "tuple", "set", "frozenset", "dict", "str", "repr",
    "print", "bytes", "bool", "iter", "reversed", "enumerate", "zip", "map", "filter", "format", "next", "bytearray",
    "getattr", "setattr", "delattr", "hasattr", "frozendict",
}  # fmt: skip
SOME = {"gofer": {"Map"}, "threading": {"serialize_iterator", "concurrent_tee"}}  # of modules, and nothing else
SEEN_THROUGH = {
    "array", "bisect", "builtins", "collections", "copy", "dataclasses", "functools", "heapq", "itertools", "json",
    "math", "operator", "pickle", "pprint", "random", "statistics", "string", "types",
}  # fmt: skip
