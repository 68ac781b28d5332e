"""The examples of a split on the device, as minibatches of what a network sees and shall say."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import Array, DType, namespace
from trainer.backends import Backend
from trainer.data import Dataset
from trainer.data.bins import Bins
from trainer.heads import Head


class Minibatch(NamedTuple):
    """X: (m, n_0). T: what the head is to put out, (outputs, m). y: class indices or numbers, (m,).

    weights: of the examples in the gradient, (1, m); None where all are 1.
    """

    X: Array
    T: Array
    y: Array
    weights: Array | None = None


class Examples:
    """One split. Bytes stay bytes on the device, and are scaled when a minibatch is taken.

    x, y: as the data set has them. dtype: of X, T and weights. weights: (m,), or None.
    bins: what stands behind the features in X.
    """

    def __init__(
        self,
        x: NDArray[Any],
        y: NDArray[Any],
        data: Dataset,
        head: Head,
        backend: Backend,
        dtype: DType,
        weights: NDArray[Any] | None = None,
        bins: Bins | None = None,
    ) -> None:
        table = head.target_table(len(data.classes))
        self._backend, self._dtype, scaling = backend, dtype, data.scaling
        self._x, self._y = backend.array(x), backend.array(y, np.int64 if data.classes else np.float64)
        self._factor = backend.array(scaling.factor) if scaling.multiplies else None
        self._offset = backend.array(scaling.offset) if scaling.adds else None
        self._weights = None if weights is None else backend.array(weights, dtype)
        self._bins = [backend.array(part) for part in (bins.feature, bins.low, bins.factor)] if bins else []
        self._table = None if table is None else backend.array(table, dtype)

    def __len__(self) -> int:
        return len(self._y)

    def take(self, indices: Array) -> Minibatch:
        """The examples of these indices, an array on the device."""
        rows = self._backend.rows
        batch = self._minibatch(rows(self._x, indices), rows(self._y, indices))
        return batch if self._weights is None else batch._replace(weights=rows(self._weights, indices)[None])

    def part(self, start: int, stop: int) -> Minibatch:
        """The examples from start to stop."""
        return self._minibatch(self._x[start:stop], self._y[start:stop])

    def _minibatch(self, x: Array, y: Array) -> Minibatch:
        X, cast = self._scaled(x), self._backend.cast
        T = cast(y, self._dtype)[None] if self._table is None else self._backend.rows(self._table, y).T
        return Minibatch(cast(self._binned(X), self._dtype), T, y)

    def _binned(self, X: Array) -> Array:
        """As `Bins` does it."""
        if not self._bins:
            return X
        xp = namespace(X)
        feature, low, factor = self._bins
        through = X[:, feature]
        through -= low
        through *= factor
        both: Array = xp.concatenate([X, xp.clip(through, 0, 1)], axis=1)
        return both

    def _scaled(self, x: Array) -> Array:
        """As `Dataset.scaled` does it, in float32."""
        if self._factor is None and self._offset is None:
            return self._backend.cast(x, np.float32)
        X = self._backend.copy(x, np.float32)
        if self._factor is not None:
            X *= self._factor
        if self._offset is not None:
            X += self._offset
        return X
