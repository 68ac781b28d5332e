"""Dense layers: Z = W A for each of K models, to which a bias or a normalisation is added.

W: (K, n_out, n_in); A, dA: (K, n_in, m); Z, dZ: (K, n_out, m). A d in front of a name stands for the
cost's derivative by it.

Models that see the same minibatch X, stored as (m, n_in), multiply it as one: their products in the
first layer are a single large one, which a BLAS runs faster than many small ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from trainer.arrays import Array, namespace

Inputs: TypeAlias = Sequence[tuple[slice, Array]]
"""Which models of the stack, side by side, see which examples, shape (m, n_in)."""


def forward(W: Array, A: Array) -> Array:
    """Z."""
    Z: Array = namespace(W).matmul(W, A)
    return Z


def forward_shared(W: Array, inputs: Inputs) -> Array:
    """Z where A = Xᵀ for all models that share X."""
    products = [_product(W[models], X) for models, X in inputs]
    Z: Array = products[0] if len(products) == 1 else namespace(W).concatenate(products)
    return Z


def backward(dZ: Array, A: Array, dW: Array) -> None:
    """Write dW."""
    if isinstance(dZ, np.ndarray):
        np.matmul(dZ, A.mT, out=dW)
    else:  # torch's matmul loses its way where dW lies within a larger array
        namespace(dZ).bmm(dZ, A.mT, out=dW)


def backward_shared(dZ: Array, inputs: Inputs, dW: Array) -> None:
    """Write dW where A = Xᵀ for all models that share X. dW: C-contiguous."""
    for models, X in inputs:
        rows = dZ[models].reshape(-1, dZ.shape[2])
        namespace(dZ).matmul(rows, X, out=dW[models].reshape(-1, X.shape[1]))


def backward_input(dZ: Array, W: Array) -> Array:
    """dA."""
    dA: Array = namespace(W).matmul(W.mT, dZ)
    return dA


def sum_examples(dZ: Array, total: Array) -> None:
    """Write the sum over the examples, which db is. total: (K, n_out, 1)."""
    if isinstance(dZ, np.ndarray):
        # A product with ones: several times faster than NumPy's sum over a short last axis.
        np.matmul(dZ, np.ones((dZ.shape[2], 1), dZ.dtype), out=total)
    else:
        namespace(dZ).sum(dZ, axis=2, keepdims=True, out=total)


def _product(W: Array, X: Array) -> Array:
    models, n_out, n_in = W.shape
    Z: Array = namespace(W).matmul(W.reshape(models * n_out, n_in), X.T)
    return Z.reshape(models, n_out, len(X))
