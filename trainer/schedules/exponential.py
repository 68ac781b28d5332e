"""Exponential decay, every epoch or in stairs (Ng, Deep Learning Specialization, course 2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from trainer.schedules.schedule import Rates, Schedule, Updates, epoch_of


@dataclass(frozen=True)
class Exponential(Schedule):
    """α = α₀ · base^epoch. decay_base: in (0, 1], where 1 keeps α₀."""

    learning_rate: float
    decay_base: float

    def __call__(self, t: Updates, steps: int) -> Rates:
        return self.learning_rate * np.power(self.decay_base, epoch_of(t, steps))


@dataclass(frozen=True)
class Step(Schedule):
    """α = α₀ · base^⌊epoch/period⌋: a staircase.

    decay_base: in (0, 1], where 1 keeps α₀. decay_period: epochs from one stair to the next, above 0.
    """

    learning_rate: float
    decay_base: float
    decay_period: float

    def __call__(self, t: Updates, steps: int) -> Rates:
        stairs = np.floor(epoch_of(t, steps) / self.decay_period)
        return self.learning_rate * np.power(self.decay_base, stairs)
