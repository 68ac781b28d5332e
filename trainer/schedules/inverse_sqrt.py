"""Decay by the inverse of time's square root (Ng, Deep Learning Specialization, course 2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trainer.schedules.schedule import Rates, Schedule, Updates, epoch_of


@dataclass(frozen=True)
class InverseSqrtEpoch(Schedule):
    """α = α₀ · k / √(epoch + 1). decay_k: k, above 0."""

    learning_rate: float
    decay_k: float

    def __call__(self, t: Updates, steps: int) -> Rates:
        return self.learning_rate * self.decay_k / np.sqrt(epoch_of(t, steps) + 1)


@dataclass(frozen=True)
class InverseSqrtStep(Schedule):
    """α = α₀ · k / √(t + 1). decay_k: k, above 0."""

    learning_rate: float
    decay_k: float

    def __call__(self, t: Updates, steps: int) -> Rates:
        return self.learning_rate * self.decay_k / np.sqrt(t + 1)
