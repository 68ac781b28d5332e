"""How many threads a trainable's libraries may use."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from threadpoolctl import threadpool_limits

_limits: list[int] = []  # of those that are inside, the last is in force


@contextmanager
def limited_threads(threads: int) -> Iterator[None]:
    """While inside, BLAS and, where it is imported, torch use so many threads in this process."""
    torch: Any = sys.modules.get("torch")
    torch = torch if hasattr(torch, "set_num_threads") else None  # it may be in the middle of its import
    before = torch.get_num_threads() if torch is not None else 0
    with threadpool_limits(limits=threads):
        _limits.append(threads)
        if torch is not None:
            torch.set_num_threads(threads)
        try:
            yield
        finally:
            _limits.remove(threads)
            if torch is not None:
                torch.set_num_threads(before)


@contextmanager
def limited_as_before() -> Iterator[None]:
    """The limit that is in force, in a thread that has begun since: OpenMP has one for each thread."""
    with limited_threads(_limits[-1]) if _limits else nullcontext():
        yield
