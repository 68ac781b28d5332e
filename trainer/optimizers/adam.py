"""Adam (Kingma & Ba, 2015, Algorithm 1); with a decay AdamW (Loshchilov & Hutter, 2019, Algorithm 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import Array, Vector
from trainer.optimizers.averaging import Averaging, accumulate, floor_of, over_root


@dataclass(frozen=True, eq=False)
class Adam(Averaging):
    """m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²;  θ ← θ − α m̂ / (√v̂ + ε),

    where m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) undo the start from zero.

    beta1, beta2: β₁, β₂, in [0, 1). epsilon: ε, above 0. bias_correction: on by default.
    """

    beta1: Vector
    beta2: Vector
    epsilon: Vector

    symbols: ClassVar[tuple[str, ...]] = ("m", "v")
    first: ClassVar[tuple[str, str] | None] = ("m", "beta1")
    second: ClassVar[tuple[str, str] | None] = ("v", "beta2")
    corrected: ClassVar[bool] = True

    def _numbers(
        self, learning_rate: Vector, t: NDArray[np.int64], t2: NDArray[np.int64]
    ) -> dict[str, Vector]:
        # With sums for averages, m̂ = u₁ m and √v̂ = u₂ √v, where u₁ = (1 − β₁) / (1 − β₁ᵗ) and
        # u₂² = (1 − β₂) / (1 − β₂ᵗ). These are one number per model, so they go into α and ε:
        # α m̂ / (√v̂ + ε) = α u₁/u₂ · m / (√v + ε/u₂).
        u1 = (1 - self.beta1) / self._weight(self.beta1, t)
        u2 = np.sqrt((1 - self.beta2) / self._weight(self.beta2, t2))
        return {
            "step": -learning_rate * u1 / u2,
            "floor": floor_of(self.epsilon, u2),
            "beta1": self.beta1,
            "beta2": self.beta2,
        }

    @staticmethod
    def rule(g: Array, moments: Mapping[str, Array], c: Mapping[str, Array]) -> Array:
        m, v = moments["m"], moments["v"]
        accumulate(m, g, c["beta1"])
        g *= g
        accumulate(v, g, c["beta2"])
        return over_root(m, v, c["floor"], c["step"], out=g)
