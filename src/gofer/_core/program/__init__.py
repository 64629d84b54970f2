"""How a program begins, is looked at, fails and ends. Floor 4 of the core."""
