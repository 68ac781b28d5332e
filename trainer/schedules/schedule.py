"""What every schedule offers: one model's learning rate at any of its updates."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Updates: TypeAlias = NDArray[np.int64]
"""Updates made before, counted from 0, of any shape."""

Rates: TypeAlias = NDArray[np.float64]
"""Learning rates, of the updates' shape."""


@dataclass(frozen=True)
class Schedule(ABC):
    """The learning rate of one model over its updates. The kinds have α₀ as `learning_rate`, above 0."""

    @abstractmethod
    def __call__(self, t: Updates, steps: int) -> Rates:
        """α of the update that comes after t others. steps: updates per epoch; epoch = ⌊t/steps⌋."""


def epoch_of(t: Updates, steps: int) -> Rates:
    """⌊t/steps⌋, the epochs behind the update."""
    return np.floor_divide(t, steps).astype(np.float64)


@dataclass(frozen=True)
class Constant(Schedule):
    """α = α₀."""

    learning_rate: float

    def __call__(self, t: Updates, steps: int) -> Rates:
        return np.full(t.shape, self.learning_rate)
