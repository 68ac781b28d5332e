"""Features: rows of finite numbers, standardised if asked for, as float32."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.data.source import Source

_BLOCK = 4096  # rows converted at a time, so that no float64 copy of all examples is needed

Matrix = NDArray[Any]


def as_matrix(source: Source, x: NDArray[Any]) -> Matrix:
    """The examples as finite numbers of shape (m, features); further axes are flattened.

    Raises `DataError` on what is no number, missing or infinite.
    """
    if x.dtype.kind not in "biuf":
        raise source.error(f"has features of type {x.dtype}", "store them as numbers")
    if x.ndim == 0 or x.size == 0:
        raise source.error(f"has examples of shape {x.shape}", "give at least one row and one feature")
    matrix = x.reshape(len(x), -1)
    bad = np.flatnonzero(~np.isfinite(matrix).all(axis=0))
    if len(bad):
        rule = f"has missing or infinite values in the features {source.features(bad)}"
        raise source.error(rule, "fill them in, or drop those columns or rows")
    return matrix


class Scaling:
    """x → (x − shift) / scale, per feature, as float32."""

    def __init__(self, shift: NDArray[np.float64], scale: NDArray[np.float64]) -> None:
        self._shift, self._scale = shift, scale

    @classmethod
    def none(cls, features: int) -> Scaling:
        return cls(np.zeros(features), np.ones(features))

    @classmethod
    def fit(cls, x: Matrix) -> Scaling:
        """To mean 0 and standard deviation 1 on these rows; a feature constant on them becomes 0."""
        low, high = x.min(axis=0).astype(np.float64), x.max(axis=0).astype(np.float64)
        constant = low == high
        with np.errstate(over="ignore", invalid="ignore"):
            # A constant's mean is taken exactly: rounded, the difference from it would not be 0.
            mean = np.where(constant, low, x.mean(axis=0, dtype=np.float64))
            # In units of the range, no square of a large or small number leaves float64.
            span = np.where(constant, 1.0, high - low)
            squares = sum(np.square((block - mean) / span).sum(axis=0) for block in _blocks(x))
            deviation = span * np.sqrt(squares / len(x))
        return cls(mean, np.where(constant, 1.0, deviation))

    def __call__(self, source: Source, x: Matrix) -> NDArray[np.float32]:
        """Raises `DataError` on numbers that float32 cannot hold."""
        scaled = np.empty(x.shape, np.float32)
        with np.errstate(over="ignore", invalid="ignore"):
            for at, block in zip(range(0, len(x), _BLOCK), _blocks(x), strict=True):
                scaled[at : at + _BLOCK] = (block - self._shift) / self._scale
        bad = np.flatnonzero(~np.isfinite(scaled).all(axis=0))
        if len(bad):
            rule = f"has numbers too large for float32 in the features {source.features(bad)}"
            raise source.error(rule, "rescale them, or take their logarithm")
        return scaled


def _blocks(x: Matrix) -> Iterator[NDArray[np.float64]]:
    return (x[at : at + _BLOCK].astype(np.float64) for at in range(0, len(x), _BLOCK))
