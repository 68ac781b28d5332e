"""Arrays of models of different widths, side by side: padded with zeros, which stay zero.

A unit without weights puts out zero, so it has no gradient either, and no optimizer's rule moves what
was zero with gradients of zero.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import Array, DType
from trainer.backends import Backend
from trainer.network.shapes import Shapes


def stacked(
    models: Sequence[Mapping[str, NDArray[Any]]], shapes: Shapes, dtype: DType
) -> dict[str, NDArray[Any]]:
    """The models' own arrays as (K, *shape) each; zeros where a model has none of a name."""
    together = {name: np.zeros((len(models), *shape), dtype) for name, shape in shapes.items()}
    for name, array in together.items():
        for row, arrays in zip(array, models, strict=True):
            if name in arrays:
                row[corner(arrays[name].shape)] = arrays[name]
    return together


def fitted(x: Array, shape: tuple[int, ...], backend: Backend) -> Array:
    """Each model's array padded, or cut where it was, to a shape: (K, …) → (K, *shape)."""
    if x.shape[1:] == shape:
        return x
    padded = backend.like(x, (len(x), *shape))
    both = (slice(None), *corner(tuple(map(min, x.shape[1:], shape))))
    padded[both] = x[both]
    return padded


def corner(shape: tuple[int, ...]) -> tuple[slice, ...]:
    """Where a model's own numbers lie in a padded array of its."""
    return tuple(slice(0, length) for length in shape)
