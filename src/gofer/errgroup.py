"""Goroutines whose first error ends them all. Go: `golang.org/x/sync/errgroup`.

with errgroup.Group(parent) as group:
    for url in urls:
        group.go(fetch, group.ctx, url)
"""

from __future__ import annotations

from gofer._core.context.errgroup import Group

__all__ = ["Group"]
