"""Dense layers: Z = W A + b for each of K models.

W: (K, n_out, n_in); b: (K, n_out, 1); A, dA: (K, n_in, m); Z, dZ: (K, n_out, m). A d in front of a
name stands for the cost's derivative by it.

The first layer of a stack sees the same minibatch X, stored as (m, n_in), in every model. Its K
products are then one large product, which a BLAS runs faster than K small ones.
"""

from __future__ import annotations

import numpy as np

from trainer.arrays import Array


def forward(W: Array, b: Array, A: Array) -> Array:
    """Z."""
    Z: Array = np.matmul(W, A)
    Z += b
    return Z


def forward_shared(W: Array, b: Array, X: Array) -> Array:
    """Z where A = Xᵀ in every model."""
    models, n_out, n_in = W.shape
    Z: Array = (W.reshape(models * n_out, n_in) @ X.T).reshape(models, n_out, len(X))
    Z += b
    return Z


def backward(dZ: Array, A: Array) -> tuple[Array, Array]:
    """dW and db."""
    return np.matmul(dZ, A.transpose(0, 2, 1)), _sum_examples(dZ)


def backward_shared(dZ: Array, X: Array) -> tuple[Array, Array]:
    """dW and db where A = Xᵀ in every model."""
    models, n_out, m = dZ.shape
    dW: Array = (dZ.reshape(models * n_out, m) @ X).reshape(models, n_out, X.shape[1])
    return dW, _sum_examples(dZ)


def backward_input(dZ: Array, W: Array) -> Array:
    """dA."""
    dA: Array = np.matmul(W.transpose(0, 2, 1), dZ)
    return dA


def _sum_examples(dZ: Array) -> Array:
    total: Array = np.add.reduce(dZ, axis=2, keepdims=True)
    return total
