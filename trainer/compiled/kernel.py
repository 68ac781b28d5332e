"""How the functions of this folder are compiled."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numba
import scipy.linalg.cython_blas  # noqa: F401  # whose BLAS kernels call: it is there before threads are limited

from trainer.compiled.cache import cache_folder

# All of fastmath but nnan and ninf, which would let the compiler take isfinite for true.
_FAST = {"nsz", "arcp", "contract", "afn", "reassoc"}
_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
# Without the wrapper that Python needs to call it: a third less to compile.
_INNER: dict[str, Any] = {**_OPTIONS, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}

Compile = Callable[[Callable[..., Any]], Any]

kernel: Compile = numba.njit(fastmath=_FAST, **_INNER)
"""A function that entries call: sums may be taken in any order, multiplied and added at once."""

# Said outright: what is left out is inherited from whoever calls the function first.
exact: Compile = numba.njit(fastmath=False, **_INNER)
"""A function in which each operation is rounded as it is written."""


def entry(function: Callable[..., Any]) -> Any:
    """A function that Python calls; its machine code is kept, if there is a place for it."""
    compiled, folder = numba.njit(fastmath=_FAST, **_OPTIONS)(function), cache_folder()
    if folder is None or not hasattr(compiled, "enable_caching"):  # not where NUMBA_DISABLE_JIT is set
        return compiled
    config: Any = numba.config
    before, config.CACHE_DIR = config.CACHE_DIR, str(folder)
    try:
        with suppress(RuntimeError):  # no place that numba can write to
            compiled.enable_caching()
    finally:
        config.CACHE_DIR = before
    return compiled
