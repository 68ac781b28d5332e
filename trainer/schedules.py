"""Schedules: each model's learning rate over the epochs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from trainer.arrays import Vector


class Schedule(Protocol):
    """The learning rates of an epoch."""

    def __call__(self, epoch: int) -> Vector:
        """α in the epoch, counted from 0, shape (K,)."""


@dataclass(frozen=True, eq=False)
class Constant:
    """α = α₀. learning_rate: α₀, shape (K,)."""

    learning_rate: Vector

    def __call__(self, epoch: int) -> Vector:
        return self.learning_rate


@dataclass(frozen=True, eq=False)
class InverseTimeDecay:
    """α = α₀ / (1 + decay · epoch): halved after 1/decay epochs, then ever more slowly.

    learning_rate: α₀; decay: per epoch, at least 0, where 0 keeps α₀. Both of shape (K,).
    """

    learning_rate: Vector
    decay: Vector

    def __call__(self, epoch: int) -> Vector:
        return self.learning_rate / (1 + self.decay * epoch)
