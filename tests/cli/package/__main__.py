"""Prints what a program sees of itself; run with `-m` by the tests."""

import json
import sys

FACTS = {
    "argv": sys.argv,
    "path": sys.path[0],
    "file": __file__,
    "name": __name__,
    "same": sys.modules["__main__"].__dict__ is globals(),
    "package": __package__,
    "spec": __spec__ and __spec__.name,
    "doc": __doc__,
}
print(json.dumps(FACTS))
