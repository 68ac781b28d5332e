"""How examples are stored and how a model sees them: bytes stay bytes until a minibatch needs them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

_BLOCK = 1024  # rows converted at a time, so that no float64 copy of all examples is needed

Matrix = NDArray[Any]


def _one() -> NDArray[np.float32]:
    return np.ones(1, np.float32)


def _zero() -> NDArray[np.float32]:
    return np.zeros(1, np.float32)


@dataclass(frozen=True, eq=False)
class Scaling:
    """x → x · factor + offset. Both float32, of shape (1,) or (features,); by default x stays as it is."""

    factor: NDArray[np.float32] = field(default_factory=_one)
    offset: NDArray[np.float32] = field(default_factory=_zero)

    def __call__(self, x: Matrix) -> NDArray[np.float32]:
        """Rows of numbers, shape (m, features), as C-contiguous float32; x itself if it is that and stays."""
        if not self.multiplies and not self.adds and x.dtype == np.float32 and x.flags.c_contiguous:
            return x
        # Converted first, then scaled in place: NumPy converts and multiplies at once only through
        # a buffer, which takes a fifth longer on a minibatch.
        scaled = x.astype(np.float32, order="C")
        if self.multiplies:
            scaled *= self.factor
        if self.adds:
            scaled += self.offset
        return scaled

    @cached_property
    def multiplies(self) -> bool:
        """Whether there is a factor."""
        return bool((self.factor != 1).any())

    @cached_property
    def adds(self) -> bool:
        """Whether there is an offset."""
        return bool(self.offset.any())


BYTES = Scaling(np.full(1, 1 / 255, np.float32))
"""Bytes 0 … 255 to 0 … 1."""


@dataclass(frozen=True, eq=False)
class Standard:
    """x → (x − shift) / scale in float64, both of shape (1,) or (features,); by default x stays as it is."""

    shift: NDArray[np.float64] = field(default_factory=lambda: np.zeros(1))
    scale: NDArray[np.float64] = field(default_factory=lambda: np.ones(1))

    @classmethod
    def fit(cls, x: Matrix) -> Standard:
        """To mean 0 and standard deviation 1 on these rows; a feature constant on them becomes 0 on all."""
        low, high = x.min(axis=0).astype(np.float64), x.max(axis=0).astype(np.float64)
        constant = low == high
        with np.errstate(over="ignore", invalid="ignore"):
            mean = np.where(constant, low, x.mean(axis=0, dtype=np.float64))
            # In units of the range, no square of a large or small number leaves float64.
            span = np.where(constant, 1.0, high - low)
            squares = sum(np.square((block - mean) / span).sum(axis=0) for block in blocks(x))
            deviation = span * np.sqrt(squares / len(x))
        return cls(mean, np.where(constant, np.inf, deviation))

    def __call__(self, x: Matrix) -> NDArray[np.float64]:
        standard: NDArray[np.float64] = (x - self.shift) / self.scale
        return standard

    def plain(self) -> dict[str, Any]:
        """In what JSON can hold; an infinite scale, of a constant, as null."""
        scale = [x if np.isfinite(x) else None for x in self.scale.tolist()]
        return {"shift": self.shift.tolist(), "scale": scale}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Standard:
        """The reverse of `plain`."""
        scale = [np.inf if x is None else x for x in plain["scale"]]
        return cls(np.array(plain["shift"], np.float64), np.array(scale, np.float64))

    def scaling(self) -> Scaling:
        """The same in one product and one sum."""
        factor, offset = 1 / self.scale, 0 - self.shift / self.scale
        return Scaling(factor.astype(np.float32), offset.astype(np.float32))


def blocks(x: Matrix) -> Iterator[NDArray[np.float64]]:
    """The rows of x in float64, a few at a time."""
    return (x[at : at + _BLOCK].astype(np.float64) for at in range(0, len(x), _BLOCK))
