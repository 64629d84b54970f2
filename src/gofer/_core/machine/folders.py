"""Where gofer's own code is, whose calls are not the program's."""

from __future__ import annotations

import os

CORE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
PACKAGE = os.path.dirname(os.path.dirname(CORE)) + os.sep
