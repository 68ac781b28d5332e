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

    def uniform(self, classes: int) -> float:
        return 1 / classes

    def loss(self, Z: Array, T: Array) -> Array:
        xp = namespace(Z)
        shifted = _shift(Z)
        of_target = (shifted * T).sum(axis=1)
        xp.exp(shifted, out=shifted)
        total = shifted.sum(axis=1)
        loss: Array = xp.log(total, out=total)
        loss -= of_target
        return loss

    def gradient(self, Z: Array, T: Array) -> Array:
        xp = namespace(Z)
        p = _shift(Z)
        xp.exp(p, out=p)
        share = 1 / Z.shape[2]
        p *= share / p.sum(axis=1, keepdims=True)
        p -= share * T
        return p

    def right(self, Z: Array, T: Array, y: Array) -> Array:
        """Where the first class of the largest output is the target."""
        if isinstance(Z, np.ndarray):
            top = largest(Z, axis=1)
            largest_ones = top == Z
            if np.count_nonzero(largest_ones) == top.size and not np.isnan(top).any():
                # No ties: many times faster than NumPy's argmax over a middle axis.
                return np.logical_or.reduce(largest_ones & (T > 0), axis=1)  # type: ignore[no-any-return]
        right: Array = Z.argmax(axis=1) == y
        return right


def _shift(Z: Array) -> Array:
    shifted: Array = Z - largest(Z, axis=1)
    return shifted
