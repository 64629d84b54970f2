"""Goroutines in log records. Go has no such package; `log` and `log/slog` leave goroutines out on purpose."""

from __future__ import annotations

import logging

from gofer._core.sched import scheduler

__all__ = ["GoidFilter"]


class GoidFilter(logging.Filter):
    """Gives each record the number of the goroutine that logged it: `%(goid)d` in a format, `record.goid` in code.

    1 is the main goroutine, 0 a thread that is no goroutine's. Lets every record of the loggers below `name` pass, as
    `logging.Filter` does. Attach it to a handler, so that records of every logger come by. Never blocks. No twin in Go.

    >>> handler = logging.StreamHandler()
    >>> handler.addFilter(GoidFilter())
    >>> handler.setFormatter(logging.Formatter("%(levelname)s [goroutine %(goid)d] %(message)s"))
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Sets `record.goid`."""
        record.goid = scheduler.current().id
        return bool(super().filter(record))
