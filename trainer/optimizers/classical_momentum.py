"""The heavy ball (Polyak, 1964) and Nesterov's accelerated gradient, as momenta that sum gradients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import Array, Vector, namespace
from trainer.optimizers.optimizer import Optimizer


@dataclass(frozen=True, eq=False)
class ClassicalMomentum(Optimizer):
    """v ← β v + g;  θ ← θ − α v.

    Under a steady gradient the step grows to α/(1 − β); see `Momentum` for the form in which it does not.

    momentum: β, in [0, 1).
    """

    momentum: Vector

    symbols: ClassVar[tuple[str, ...]] = ("v",)
    first: ClassVar[tuple[str, str] | None] = ("v", "momentum")

    def _numbers(
        self, learning_rate: Vector, t: NDArray[np.int64], t2: NDArray[np.int64]
    ) -> dict[str, Vector]:
        return {"step": -learning_rate, "beta": self.momentum}

    @staticmethod
    def rule(g: Array, moments: Mapping[str, Array], c: Mapping[str, Array]) -> Array:
        v = moments["v"]
        v *= c["beta"]
        v += g
        namespace(g).multiply(v, c["step"], out=g)
        return g


@dataclass(frozen=True, eq=False)
class Nesterov(ClassicalMomentum):
    """v ← β v + g;  θ ← θ − α (g + β v).

    Sutskever et al. (2013, eq. 3 and 4) take the gradient ahead, at θ + β v. Here θ is that point ahead
    itself, so that gradients are taken where the params are; torch and optax do likewise.
    """

    @staticmethod
    def rule(g: Array, moments: Mapping[str, Array], c: Mapping[str, Array]) -> Array:
        v = moments["v"]
        v *= c["beta"]
        v += g
        g += c["beta"] * v
        g *= c["step"]
        return g
