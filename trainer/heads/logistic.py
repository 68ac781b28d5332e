"""Logistic: one of two classes by one output, with the cross-entropy of its sigmoid."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import Array, namespace


class Logistic:
    """p = 1 / (1 + exp(−Z)) is the probability of the second class."""

    classifies = True

    def outputs(self, classes: int) -> int:
        return 1 if classes == 2 else 0

    def target_table(self, classes: int) -> NDArray[np.float64]:
        return np.array([[0.0], [1.0]])

    def uniform(self, classes: int) -> float:
        return 0.5

    def loss(self, Z: Array, T: Array) -> Array:
        xp = namespace(Z)
        # log(1 + eᶻ) − tz, with the exponential of a number that is never positive. That comes last:
        # what is left of a confident, right answer's loss would be lost beside z.
        loss: Array = xp.clip(Z, min=0)
        loss -= T * Z
        loss += xp.log1p(xp.exp(-xp.abs(Z)))
        return loss[:, 0]

    def gradient(self, Z: Array, T: Array) -> Array:
        p = namespace(Z).tanh(Z * 0.5)  # the sigmoid, without an exponential that could overflow
        p += 1
        p *= 0.5
        p -= T
        p *= 1 / Z.shape[2]
        gradient: Array = p
        return gradient

    def right(self, Z: Array, T: Array, y: Array) -> Array:
        """Where the second class is the target just if it is the likelier one."""
        right: Array = (Z[:, 0] > 0) == (y > 0)
        return right
