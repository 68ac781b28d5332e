"""NumPy on the CPU."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import Array, DType
from trainer.backends.backend import Index, Rule, Runner

_BUFFER = 1024  # numbers

# Once a block of this size has been given back, glibc keeps the memory of smaller ones for the next
# array, and no step waits for the system to clear its pages.
np.empty(31 << 20, np.uint8)


class NumpyBackend:
    """See `Backend`."""

    device = "cpu"
    block: int | None = 1 << 17
    eager = True

    def array(self, x: NDArray[Any], dtype: DType | type[np.int64] | None = None) -> Array:
        return np.asarray(x, dtype)

    def numpy(self, x: Array) -> NDArray[Any]:
        return np.array(x)

    def cast(self, x: Array, dtype: DType) -> Array:
        return x.astype(dtype, copy=False)

    def copy(self, x: Array, dtype: DType) -> Array:
        return x.astype(dtype)

    def like(self, x: Array, shape: tuple[int, ...]) -> Array:
        return np.zeros(shape, x.dtype)

    def rows(self, x: Array, indices: Array) -> Array:
        return x.take(indices, axis=0)  # type: ignore[arg-type]  # indices are whole numbers

    def row(self, x: Array, index: Index) -> Array:
        row: Array = x[index]
        return row

    def compiled(self, rule: Rule) -> Rule:
        return rule

    @contextmanager
    def arithmetic(self) -> Iterator[None]:
        # NumPy copies operands that it broadcasts over short rows into a buffer, unless the rows are
        # as long as the buffer: with a small one, an update takes two thirds of the time.
        before = np.setbufsize(_BUFFER)
        try:
            yield
        finally:
            np.setbufsize(before)

    def free_bytes(self) -> int | None:
        return None

    def runner(self) -> Runner:
        return run_each


def run_each(step: Callable[[Index], None], first: int, last: int) -> None:
    """A `Runner`."""
    for index in range(first, last):
        step(index)
