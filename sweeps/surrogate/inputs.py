"""What results belong to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

NEW = -1


@dataclass(frozen=True)
class Inputs:
    """A config, a rung and a trial for each of n results.

    features: of the configs, shape (n, features). rungs: indices from 0, the lowest, shape (n,).
    trials: their numbers, shape (n,); NEW is a trial of its own each time.
    """

    features: Array
    rungs: Indices
    trials: Indices

    def __len__(self) -> int:
        return len(self.rungs)

    def same(self, others: Inputs) -> NDArray[np.bool_]:
        """Which pairs are of one trial, shape (n, m)."""
        same = self.trials[:, None] == others.trials
        same[self.trials == NEW] = False
        return np.asarray(same)

    def begins(self, others: Inputs) -> bool:
        """Whether the first of the others are these."""
        pairs = zip(self._parts(), others._parts(), strict=True)
        return all(np.array_equal(part, other[: len(self)]) for part, other in pairs)

    def __getitem__(self, which: NDArray[np.bool_] | Indices | slice) -> Inputs:
        return Inputs(self.features[which], self.rungs[which], self.trials[which])

    def __add__(self, others: Inputs) -> Inputs:
        pairs = zip(self._parts(), others._parts(), strict=True)
        return Inputs(*(np.concatenate(pair) for pair in pairs))

    def _parts(self) -> tuple[Array, Indices, Indices]:
        return self.features, self.rungs, self.trials
