"""All of a stack's parameters as one array, so that an optimizer's rule runs once a step.

Parameter by parameter, most of a small network's step would be the overhead of NumPy's calls.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from trainer.arrays import Array, Params


class Layout:
    """Where each parameter lies in a row of P numbers. One row per model: shape (K, P).

    shapes: each parameter's shape without the model axis, in the order of the row.
    """

    def __init__(self, shapes: Mapping[str, tuple[int, ...]]) -> None:
        self._places: dict[str, tuple[slice, tuple[int, ...]]] = {}
        end = 0
        for name, shape in shapes.items():
            start, end = end, end + math.prod(shape)
            self._places[name] = slice(start, end), shape

    def flatten(self, params: Params) -> Array:
        """The parameters side by side, shape (K, P), as a new array."""
        rows = [params[name].reshape(len(params[name]), -1) for name in self._places]
        return np.concatenate(rows, axis=1)

    def views(self, flat: Array) -> Params:
        """Each parameter as a view into `flat`, shape (K, P): what changes there changes here."""
        return {name: flat[:, at].reshape(len(flat), *shape) for name, (at, shape) in self._places.items()}
