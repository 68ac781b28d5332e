"""Rows of numbers that become more and more."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Rows:
    """The rows of one array, which doubles when it is full.

    A list of small arrays takes three times the memory, and to make one array of it takes longer than all
    that a scheduler does with it. width: numbers in a row.
    """

    def __init__(self, width: int) -> None:
        self._array = np.empty((64, width))
        self._count = 0

    def __len__(self) -> int:
        return self._count

    @property
    def values(self) -> Array:
        """All rows so far, shape (n, width): a view, to be read at once."""
        return self._array[: self._count]

    def append(self, row: Sequence[float] | Array) -> None:
        if self._count == len(self._array):
            self._array = np.concatenate([self._array, np.empty_like(self._array)])
        self._array[self._count] = row
        self._count += 1

    def extend(self, rows: Array) -> None:
        for row in rows:
            self.append(row)
