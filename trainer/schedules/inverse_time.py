"""Decay by the inverse of time (Ng, Deep Learning Specialization, course 2, "Learning rate decay")."""

from __future__ import annotations

from dataclasses import dataclass

from trainer.schedules.schedule import Rates, Schedule, Updates, epoch_of


@dataclass(frozen=True)
class InverseTime(Schedule):
    """α = α₀ / (1 + decay · epoch): halved after 1/decay epochs, then ever more slowly.

    decay: per epoch, at least 0, where 0 keeps α₀.
    """

    learning_rate: float
    decay: float

    def __call__(self, t: Updates, steps: int) -> Rates:
        return self.learning_rate / (1 + self.decay * epoch_of(t, steps))
