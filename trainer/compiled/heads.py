"""Heads: the loss of a minibatch and its gradient in one pass over the outputs (see trainer.heads).

Z: (m, outputs). targets: quantities, or class indices as numbers of the dtype, (m,); code: the place of the
head's name in `NAMES`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import Array
from trainer.compiled.elementary import exp_, tanh_
from trainer.compiled.kernel import kernel

NAMES = ("softmax", "logistic", "linear")

_SOFTMAX, _LOGISTIC, _LINEAR = range(3)


@kernel
def score(code: int, Z: Array, targets: Array, scores: NDArray[np.float64]) -> None:
    """Add the sum of the losses and the number of right answers to `scores`; Z becomes the gradient.

    The gradient is that of the mean loss. Sums are taken in float64.
    """
    if code == _SOFTMAX:
        _softmax(Z, targets, scores)
    elif code == _LOGISTIC:
        _logistic(Z, targets, scores)
    else:
        _linear(Z, targets, scores)


@kernel
def smooth(code: int, dZ: Array, targets: Array, smoothing: float) -> None:
    """The gradient becomes that by smoothed labels (see `MLPConfig`)."""
    m, outputs = dZ.shape
    share, even = dZ.dtype.type(smoothing / m), dZ.dtype.type(1 / max(outputs, 2))
    if code == _SOFTMAX:
        for i in range(m):
            for j in range(outputs):
                dZ[i, j] -= share * even
            dZ[i, np.int64(targets[i])] += share
    elif code == _LOGISTIC:
        for i in range(m):
            dZ[i, 0] -= share * (even - targets[i])


@kernel
def _softmax(Z: Array, targets: Array, scores: NDArray[np.float64]) -> None:
    m, classes = Z.shape
    loss, share = 0.0, Z.dtype.type(1 / m)
    for i in range(m):
        top = 0
        for j in range(1, classes):
            top = j if Z[i, j] > Z[i, top] else top
        largest = Z[i, top]
        label = np.int64(targets[i])
        scores[1] += top == label
        for j in range(classes):
            Z[i, j] -= largest
        loss -= Z[i, label]
    exp_(Z.reshape(Z.size))
    for i in range(m):
        total = Z.dtype.type(0)
        for j in range(classes):
            total += Z[i, j]
        loss += np.log(total)
        scale = share / total
        for j in range(classes):
            Z[i, j] *= scale
        Z[i, np.int64(targets[i])] -= share
    scores[0] += loss


@kernel
def _logistic(Z: Array, targets: Array, scores: NDArray[np.float64]) -> None:
    m, half, share = len(Z), Z.dtype.type(0.5), Z.dtype.type(1 / len(Z))
    loss = 0.0
    for i in range(m):
        z, t = Z[i, 0], targets[i]
        scores[1] += (z > 0) == (t > 0)
        # log(1 + eᶻ) − tz, with the exponential of a number that is never positive. That comes last:
        # what is left of a confident, right answer's loss would be lost beside z.
        loss += (max(z, 0) - t * z) + np.log1p(np.exp(-abs(z)))
        Z[i, 0] = half * z
    tanh_(Z.reshape(m))
    for i in range(m):
        Z[i, 0] = (half * Z[i, 0] + half - targets[i]) * share
    scores[0] += loss


@kernel
def _linear(Z: Array, targets: Array, scores: NDArray[np.float64]) -> None:
    share, loss = Z.dtype.type(2 / len(Z)), 0.0
    for i in range(len(Z)):
        difference = Z[i, 0] - targets[i]
        loss += difference * difference
        Z[i, 0] = share * difference
    scores[0] += loss
