"""Piecewise-linear encoding of numbers (Gorishniy, Rubachev & Babenko, 2022, section 3.2.1).

Beside each number stands, for each of its bins, how far it has come through that bin: 0 before it, 1 behind
it. A network then bends at the ends of bins as it likes, where it had one slope before. The ends are
quantiles of the training split, so that the bins of a number hold about as many examples each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from trainer.data.dataset import Dataset

_ROWS = 100_000  # of the training split, evenly spread, that quantiles are taken of
_FEATURES = 2**24  # as many float32 can count
_NOTHING = np.zeros(0, np.float32)
_NAMES = ("bin_feature", "bin_low", "bin_factor")


@dataclass(frozen=True, eq=False)
class Bins:
    """feature: of each bin, (bins,). low: where it begins. factor: 1 over its width. The latter float32."""

    feature: NDArray[np.intp]
    low: NDArray[np.float32]
    factor: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.feature)

    @classmethod
    def none(cls) -> Bins:
        return cls(_NOTHING.astype(np.intp), _NOTHING, _NOTHING)

    @classmethod
    def fit(cls, x: NDArray[np.float32], count: int) -> Bins:
        """Up to `count` bins for each feature of the rows x, (m, features), that has three values or more."""
        shares = np.linspace(0, 1, count + 1)
        found = [cls._of(column, np.quantile(x[:, column], shares)) for column in _varied(x)]
        if not found:
            return cls.none()
        return cls(*(np.concatenate(parts) for parts in zip(*found, strict=True)))

    @staticmethod
    def _of(feature: int, ends: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        ends = np.unique(ends.astype(np.float32))
        with np.errstate(over="ignore"):
            factor = 1 / np.diff(ends)
        used = np.isfinite(factor)  # a bin may be narrower than float32 can say
        return np.full(int(used.sum()), feature, np.intp), ends[:-1][used], factor[used]

    def __call__(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """Rows with what their bins say behind their features: (m, features + bins)."""
        if not len(self):
            return x
        through = x[:, self.feature]
        with np.errstate(over="ignore"):  # a number far outside is clipped
            through -= self.low
            through *= self.factor
        return np.concatenate([x, through.clip(0, 1, out=through)], axis=1)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """To be saved beside a network's arrays, all in float32; none where there are no bins."""
        if not len(self):
            return {}
        parts = (self.feature.astype(np.float32), self.low, self.factor)
        return dict(zip(_NAMES, parts, strict=True))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Bins:
        """The reverse of `arrays`. Raises ValueError where they are not those of bins."""
        if not any(name in arrays for name in _NAMES):
            return cls.none()
        parts = [arrays.get(name, _NOTHING) for name in _NAMES]
        feature, low, factor = parts
        plain = all(part.dtype.kind == "f" and part.shape == (feature.size,) for part in parts)
        if not plain or not ((feature >= 0) & (feature < _FEATURES) & (feature % 1 == 0)).all():
            raise ValueError(f"{', '.join(_NAMES)} are not the parts of bins")
        return cls(feature.astype(np.intp), low.astype(np.float32), factor.astype(np.float32))

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Of `arrays`."""
        return {name: (len(self),) for name in _NAMES} if len(self) else {}


_kept: WeakKeyDictionary[Dataset, dict[int, Bins]] = WeakKeyDictionary()


def bins_of(data: Dataset, count: int) -> Bins:
    """Fitted once on the training split of some data: all models of a worker have them in common.

    None for images, whose features are no numbers of their own.
    """
    count = count if len(data.shape) == 1 else 0
    kept = _kept.setdefault(data, {})
    if count not in kept:
        rows = np.arange(0, len(data.x_train), -(-len(data.x_train) // _ROWS)) if count else slice(0)
        kept[count] = Bins.fit(data.scaled(data.x_train[rows]), count) if count else Bins.none()
    return kept[count]


def _varied(x: NDArray[np.float32]) -> list[int]:
    """The features with three values or more; others have nothing between their ends."""
    between = ((x != x.min(axis=0)) & (x != x.max(axis=0))).any(axis=0)
    return [int(column) for column in np.flatnonzero(between)]
