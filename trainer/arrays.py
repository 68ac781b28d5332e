"""Arrays with a leading model axis: K models of one shape are trained as one stack of arrays."""

from __future__ import annotations

import sys
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.floating[Any]]
"""An array of shape (K, …), in the stack's dtype: NumPy's, or a torch tensor, which is used alike."""

Vector: TypeAlias = NDArray[np.float64]
"""One number per model, shape (K,). Kept in float64 until it meets an array."""

Params: TypeAlias = dict[str, Array]
"""Named arrays of shape (K, …): the weights of a stack, their gradients or their moments."""

DType: TypeAlias = type[np.float32] | type[np.float64]


def namespace(array: Array) -> Any:
    """numpy for NumPy's arrays, torch for torch's: array code calls what both offer under one name."""
    return np if isinstance(array, np.ndarray) else sys.modules["torch"]


def over_models(vector: Array, like: Array) -> Array:
    """A per-model vector (K,) as (K, 1, …, 1), in the dtype, on the device and with the axes of `like`."""
    shape = vector.shape + (1,) * (like.ndim - 1)
    if isinstance(like, np.ndarray):
        return vector.astype(like.dtype).reshape(shape)
    as_tensor = namespace(like).as_tensor
    tensor: Array = as_tensor(vector, dtype=like.dtype, device=like.device).reshape(shape)
    return tensor


def largest(x: Array, axis: int) -> Array:
    """The maximum over an axis, which stays, with length 1."""
    if isinstance(x, np.ndarray):
        return np.maximum.reduce(x, axis=axis, keepdims=True)  # np.amax takes twice as long to call
    greatest: Array = namespace(x).amax(x, axis=axis, keepdims=True)
    return greatest
