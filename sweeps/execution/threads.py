"""How many threads a trainable's libraries may use."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from threadpoolctl import threadpool_limits


@contextmanager
def limited_threads(threads: int) -> Iterator[None]:
    """While inside, BLAS and, where it is imported, torch use so many threads in this process."""
    torch: Any = sys.modules.get("torch")
    torch = torch if hasattr(torch, "set_num_threads") else None  # it may be in the middle of its import
    before = torch.get_num_threads() if torch is not None else 0
    with threadpool_limits(limits=threads):
        if torch is not None:
            torch.set_num_threads(threads)
        try:
            yield
        finally:
            if torch is not None:
                torch.set_num_threads(before)
