"""Gradient descent with momentum, as a moving average of the gradients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import Array, Vector, namespace
from trainer.optimizers.averaging import Averaging, accumulate


@dataclass(frozen=True, eq=False)
class Momentum(Averaging):
    """v ← β v + (1 − β) g;  θ ← θ − α v.

    The factor 1 − β keeps the step's size when β changes, so α and β can be searched apart. Polyak's
    form (`ClassicalMomentum`) gives the same path at the learning rate (1 − β) α.

    momentum: β, in [0, 1). bias_correction: off by default; on, the step is α v / (1 − βᵗ).
    """

    momentum: Vector

    symbols: ClassVar[tuple[str, ...]] = ("v",)
    first: ClassVar[tuple[str, str] | None] = ("v", "momentum")

    def _numbers(
        self, learning_rate: Vector, t: NDArray[np.int64], t2: NDArray[np.int64]
    ) -> dict[str, Vector]:
        rest = 1 - self.momentum
        return {"step": -learning_rate * rest / self._weight(self.momentum, t), "beta": self.momentum}

    @staticmethod
    def rule(g: Array, moments: Mapping[str, Array], c: Mapping[str, Array]) -> Array:
        v = moments["v"]
        accumulate(v, g, c["beta"])
        namespace(g).multiply(v, c["step"], out=g)
        return g
