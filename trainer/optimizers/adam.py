"""Adam (Kingma & Ba, 2015, Algorithm 1) and AdamW (Loshchilov & Hutter, 2019, Algorithm 2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import Array, Vector, namespace
from trainer.averages import accumulate, accumulate_square
from trainer.optimizers.averaging import Averaging, floor_of, over_root


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
    corrected: ClassVar[bool] = True

    def _numbers(self, learning_rate: Vector, t: NDArray[np.int64]) -> dict[str, Vector]:
        # The corrections are one number per model, so they go into α and ε and not into m and v:
        # α m̂ / (√v̂ + ε) = α c₂/c₁ · m / (√v + c₂ ε), where c₁ = 1 − β₁ᵗ and c₂ = √(1 − β₂ᵗ).
        c1, c2 = self._weight(self.beta1, t), np.sqrt(self._weight(self.beta2, t))
        return {
            "step": -learning_rate * c2 / c1,
            "floor": floor_of(self.epsilon, c2),
            "1-beta1": 1 - self.beta1,
            "1-beta2": 1 - self.beta2,
        }

    @staticmethod
    def rule(g: Array, moments: Mapping[str, Array], c: Mapping[str, Array]) -> Array:
        m, v, scratch = moments["m"], moments["v"], namespace(g).empty_like(g)
        accumulate(m, g, c["1-beta1"], scratch)
        accumulate_square(v, g, c["1-beta2"], scratch)
        return over_root(m, v, c["floor"], c["step"], out=g)


@dataclass(frozen=True, eq=False)
class AdamW(Adam):
    """Adam with decoupled weight decay, which is what sets it apart from Adam with L2. weight_decay: λ."""

    weight_decay: Vector = field(kw_only=True)
