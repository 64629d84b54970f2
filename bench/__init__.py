"""Measures gofer beside Go and other runtimes in one run: `python -m bench [parallel]`."""
