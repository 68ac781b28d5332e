"""Batch normalisation of a layer's Z, (m, n), over the examples (see trainer.layers.batch_norm).

What belongs to a layer's units lies behind one another: learnt, γ and β, (2n,); of_batch, the minibatch's
mean, variance and 1/√(σ² + ε), (3n,); running, the running mean and variance, (2n,). epsilon: inside the
root.
"""

from __future__ import annotations

import numpy as np

from trainer.arrays import Array
from trainer.compiled.kernel import kernel


@kernel
def normalise(Z: Array, scaled: Array, learnt: Array, of_batch: Array, epsilon: float) -> None:
    """Z becomes γ Ẑ + β. Writes Ẑ to `scaled`, and of_batch."""
    m, n = Z.shape
    share, eps = Z.dtype.type(1 / m), Z.dtype.type(epsilon)
    mean, variance, inverse = of_batch[:n], of_batch[n : 2 * n], of_batch[2 * n :]
    of_batch[: 2 * n] = 0
    for i in range(m):
        for j in range(n):
            mean[j] += Z[i, j] * share
    for i in range(m):
        for j in range(n):
            Z[i, j] -= mean[j]
            variance[j] += Z[i, j] * Z[i, j] * share
    for j in range(n):
        inverse[j] = Z.dtype.type(1) / np.sqrt(variance[j] + eps)
    for i in range(m):
        for j in range(n):
            scaled[i, j] = Z[i, j] * inverse[j]
            Z[i, j] = learnt[j] * scaled[i, j] + learnt[n + j]


@kernel
def backward(d: Array, scaled: Array, gamma: Array, inverse: Array, gradient: Array) -> None:
    """dY becomes dZ. scaled: Ẑ. gamma, inverse: (n,). Writes the gradient by γ and β, (2n,)."""
    m, n = d.shape
    share = d.dtype.type(1 / m)
    gradient[:] = 0
    for i in range(m):
        for j in range(n):
            gradient[j] += d[i, j] * scaled[i, j]
            gradient[n + j] += d[i, j]
    for i in range(m):
        for j in range(n):
            centred = d[i, j] - share * (gradient[n + j] + scaled[i, j] * gradient[j])
            d[i, j] = centred * gamma[j] * inverse[j]


@kernel
def normalise_by(Z: Array, learnt: Array, running: Array, epsilon: float) -> None:
    """Z becomes γ Ẑ + β by the running statistics."""
    m, n = Z.shape
    eps = Z.dtype.type(epsilon)
    for i in range(m):
        for j in range(n):
            scale = learnt[j] / np.sqrt(running[n + j] + eps)
            Z[i, j] = (Z[i, j] - running[j]) * scale + learnt[n + j]


@kernel
def remember(m: int, running: Array, of_batch: Array, weight: float) -> None:
    """The running mean and variance take in those of a minibatch of m examples by a weight, in (0, 1]."""
    if m == 1:
        return  # one example has no variance, and would count as much as a whole minibatch
    n = running.size // 2
    unbiased = running.dtype.type(m / (m - 1))
    for j in range(n):
        running[j] = (running[j] - weight * running[j]) + weight * of_batch[j]
        spread = running[n + j]
        running[n + j] = (spread - weight * spread) + weight * (of_batch[n + j] * unbiased)
