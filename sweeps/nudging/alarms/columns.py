"""Metrics by epoch, in arrays that grow at their end: a look at all of them costs no copy of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

_ROOM = 16  # epochs at first; then always twice as many


@dataclass
class Columns:
    """A column for each metric that was reported.

    Attributes:
        count: The epochs.

    Examples:
        >>> columns = Columns.of([{"loss": 2.0}, {"loss": 1.0, "norm": 3.0}])
        >>> columns.column("norm")
        array([nan,  3.])
    """

    count: int = 0
    _arrays: dict[str, NDArray[np.float64]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, float | None]]) -> Self:
        """Of rows, one for each epoch."""
        found = cls()
        for row in rows:
            found.add(row)
        return found

    def add(self, row: Mapping[str, float | None]) -> None:
        """The next epoch."""
        for name, value in row.items():
            if value is not None:
                self._with_room(name)[self.count] = value
        self.count += 1

    def __contains__(self, name: str) -> bool:
        return name in self._arrays

    @property
    def names(self) -> list[str]:
        """Of the metrics, as they were reported first."""
        return list(self._arrays)

    def column(self, name: str) -> NDArray[np.float64]:
        """By epoch; NaN where it was not reported."""
        return self._with_room(name, self.count)[: self.count] if name in self else self._empty(self.count)

    def _with_room(self, name: str, count: int | None = None) -> NDArray[np.float64]:
        """The array of a metric, which has room for so many epochs, by default one more than there are."""
        count = self.count + 1 if count is None else count
        old = self._arrays.get(name, np.empty(0))
        if len(old) < count:
            self._arrays[name] = self._empty(max(2 * count, _ROOM))
            self._arrays[name][: len(old)] = old
        return self._arrays[name]

    @staticmethod
    def _empty(count: int) -> NDArray[np.float64]:
        return np.full(count, math.nan)
