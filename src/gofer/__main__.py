"""`python -m gofer` is the command `gofer`."""

from gofer.cli import main

main()
