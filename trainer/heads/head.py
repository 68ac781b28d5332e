"""What every head offers."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import Array


def smoothed(T: Array, smoothing: Array | None, uniform: float) -> Array:
    """Targets moved towards the one that favours no class, by each model's share, (K, 1, 1), if any."""
    return T if smoothing is None else T + smoothing * (uniform - T)


class Head(Protocol):
    """Array code of one kind of output; see the package for the shapes. classifies: has an accuracy."""

    classifies: bool

    def outputs(self, classes: int) -> int:
        """How many outputs there are; 0 where the head cannot predict that many classes (0: a number)."""

    def target_table(self, classes: int) -> NDArray[np.float64] | None:
        """The target of each class, shape (classes, outputs); None where labels are their own targets."""

    def uniform(self, classes: int) -> float:
        """The target that favours no class; 0 where there are none."""

    def loss(self, Z: Array, T: Array) -> Array:
        """Each example's loss, shape (K, m): no finite number where an output is none."""

    def gradient(self, Z: Array, T: Array) -> Array:
        """dZ of the mean loss over the m examples, of Z's shape."""

    def right(self, Z: Array, T: Array, y: Array) -> Array:
        """Whose answer is right, shape (K, m); only where it `classifies`. y: class indices, (1 or K, m)."""
