"""Log records say which goroutine they come from."""

from __future__ import annotations

import io
import logging
import threading

import pytest

import gofer
from gofer import runtime
from gofer.logging import GoidFilter
from gofer.sync import WaitGroup


@pytest.fixture
def log():
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.addFilter(GoidFilter())
    handler.setFormatter(logging.Formatter("%(goid)d %(message)s"))
    logger = logging.getLogger("gofer-test")
    logger.addHandler(handler)
    yield logger, out
    logger.removeHandler(handler)


def test_each_record_has_its_goroutine(log) -> None:
    logger, out = log
    ids: list[int] = []

    def body(n: int) -> None:
        ids.append(runtime.goid())
        logger.warning("from %d", n)

    def main() -> None:
        logger.warning("main")
        group = WaitGroup()
        group.go(body, 2)
        group.wait()

    gofer.run(main)
    assert out.getvalue().splitlines() == ["1 main", f"{ids[0]} from 2"]


def test_a_thread_is_number_zero(log) -> None:
    logger, out = log
    thread = threading.Thread(target=logger.warning, args=("thread",))
    thread.start()
    thread.join()
    assert out.getvalue() == "0 thread\n"


def test_it_filters_by_name_too() -> None:
    record = logging.makeLogRecord({"name": "other"})
    assert not GoidFilter("mine").filter(record)
    assert GoidFilter("other").filter(record)
