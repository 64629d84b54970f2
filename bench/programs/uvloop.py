"""asyncio's program on uvloop's event loop."""

import uvloop

from bench.programs import asyncio as program

if __name__ == "__main__":
    program.main(uvloop.run, "uvloop")
