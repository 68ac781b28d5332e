"""Adam (Kingma & Ba, 2015, Algorithm 1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from trainer.arrays import Array, Vector
from trainer.optimizers.optimizer import Optimizer, moving_average, scaled_by_root


@dataclass(frozen=True, eq=False)
class Adam(Optimizer):
    """m ← β₁ m + (1 − β₁) g;  v ← β₂ v + (1 − β₂) g²;  θ ← θ − α m̂ / (√v̂ + ε),

    where m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) undo the start from zero.

    beta1, beta2: β₁, β₂, in [0, 1). epsilon: ε, above 0.
    """

    beta1: Vector
    beta2: Vector
    epsilon: Vector

    symbols: ClassVar[tuple[str, ...]] = ("m", "v")

    def rule(self, g: Array, moments: Mapping[str, Array], t: int) -> tuple[Array, dict[str, Array]]:
        m = moving_average(moments["m"], g, self.beta1)
        v = moving_average(moments["v"], g * g, self.beta2)
        # The corrections are one number per model, so they go into α and ε and not into m and v:
        # α m̂ / (√v̂ + ε) = α c₂/c₁ · m / (√v + c₂ ε), where c₁ = 1 − β₁ᵗ and c₂ = √(1 − β₂ᵗ).
        c1, c2 = 1 - self.beta1**t, np.sqrt(1 - self.beta2**t)
        return scaled_by_root(m, v, -self.learning_rate * c2 / c1, self.epsilon * c2), {"m": m, "v": v}
