"""Gradient descent on minibatches (Robbins & Monro, 1951)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import Array, Vector
from trainer.optimizers.optimizer import Optimizer


@dataclass(frozen=True, eq=False)
class GradientDescent(Optimizer):
    """θ ← θ − α g."""

    def _numbers(
        self, learning_rate: Vector, t: NDArray[np.int64], t2: NDArray[np.int64]
    ) -> dict[str, Vector]:
        return {"step": -learning_rate}

    @staticmethod
    def rule(g: Array, moments: Mapping[str, Array], c: Mapping[str, Array]) -> Array:
        g *= c["step"]
        return g
