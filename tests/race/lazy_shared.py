"""A module whose names are imported lazily."""

table = {}
table["a"] = 1
table |= {"b": 2}


class Thing:
    value = 1


Thing.value = 2
