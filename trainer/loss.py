"""Softmax cross-entropy: −log p_y, where p = softmax of the logits Z, shape (K, classes, m).

The largest logit is subtracted first. That leaves p as it is, and no exponential overflows however
large the logits are.
"""

from __future__ import annotations

import numpy as np

from trainer.arrays import Array, Labels


def cross_entropy(Z: Array, y: Labels) -> Array:
    """Each example's loss, shape (K, m). y: class indices, shape (m,)."""
    shifted = _shift(Z)
    log_total = np.log(np.add.reduce(np.exp(shifted), axis=1))
    loss: Array = log_total - shifted[:, y, np.arange(len(y))]
    return loss


def cross_entropy_gradient(Z: Array, y: Labels) -> Array:
    """dZ of the mean loss over the m examples: (p − one-hot(y)) / m, shape (K, classes, m)."""
    p = _shift(Z)
    np.exp(p, out=p)
    p /= np.add.reduce(p, axis=1, keepdims=True)
    p[:, y, np.arange(len(y))] -= 1
    p *= 1 / len(y)
    return p


def _shift(Z: Array) -> Array:
    shifted: Array = Z - np.maximum.reduce(Z, axis=1, keepdims=True)
    return shifted
