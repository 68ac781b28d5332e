"""Softmax: one of any number of classes, with the cross-entropy −log p_y."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import Array, largest, namespace


class Softmax:
    """p = exp(Z) / Σ exp(Z) over the outputs.

    The largest output is subtracted first. That leaves p as it is, and no exponential overflows
    however large the outputs are.
    """

    classifies = True

    def outputs(self, classes: int) -> int:
        return classes

    def target_table(self, classes: int) -> NDArray[np.float64]:
        return np.eye(classes)

    def loss(self, Z: Array, T: Array) -> Array:
        xp = namespace(Z)
        shifted = _shift(Z)
        loss: Array = xp.log(xp.exp(shifted).sum(axis=1))
        shifted *= T
        loss -= shifted.sum(axis=1)
        return loss

    def gradient(self, Z: Array, T: Array) -> Array:
        xp = namespace(Z)
        p = _shift(Z)
        xp.exp(p, out=p)
        p /= p.sum(axis=1, keepdims=True)
        p -= T
        p *= 1 / Z.shape[2]
        return p

    def predicted(self, Z: Array) -> Array:
        """The first class of the largest output."""
        predicted: Array = Z.argmax(axis=1)
        return predicted


def _shift(Z: Array) -> Array:
    shifted: Array = Z - largest(Z, axis=1)
    return shifted
