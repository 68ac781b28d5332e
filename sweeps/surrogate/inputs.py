"""What results belong to."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

NEW = -1
OWN = 0  # the source of this sweep's results; those of earlier sweeps are numbered from 1


@dataclass(frozen=True)
class Inputs:
    """A config, a rung, a trial and a source for each of n results.

    features: of the configs, shape (n, features). rungs: indices from 0, the lowest, shape (n,).
    trials: their numbers, shape (n,); NEW is a trial of its own each time. sources: which sweep each comes
    from, shape (n,); by default all are OWN. Trials of different sources have different numbers.
    """

    features: Array
    rungs: Indices
    trials: Indices
    sources: Indices = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def __post_init__(self) -> None:
        if len(self.sources) != len(self.rungs):
            object.__setattr__(self, "sources", np.full(len(self.rungs), OWN))

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
        return Inputs(self.features[which], self.rungs[which], self.trials[which], self.sources[which])

    def __add__(self, others: Inputs) -> Inputs:
        return Inputs(
            np.concatenate([self.features, others.features]),
            np.concatenate([self.rungs, others.rungs]),
            np.concatenate([self.trials, others.trials]),
            np.concatenate([self.sources, others.sources]),
        )

    def _parts(self) -> tuple[Array, Indices, Indices, Indices]:
        return self.features, self.rungs, self.trials, self.sources
