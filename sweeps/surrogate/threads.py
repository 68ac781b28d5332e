"""How many threads the model's algebra takes."""

from __future__ import annotations

from functools import lru_cache

from threadpoolctl import ThreadpoolController


@lru_cache(maxsize=1)
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


def one_thread() -> ThreadpoolController._ThreadpoolLimiter:
    """A context of one BLAS thread: matrices as small as the model's only wait for a second one."""
    return _controller().limit(limits=1)
