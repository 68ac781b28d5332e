"""RMSprop (Tieleman & Hinton, 2012, Neural Networks for Machine Learning, lecture 6.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from trainer.arrays import Array, Vector
from trainer.optimizers.optimizer import Optimizer, moving_average, scaled_by_root


@dataclass(frozen=True, eq=False)
class RMSprop(Optimizer):
    """S ← β S + (1 − β) g²;  θ ← θ − α g / (√S + ε).

    beta2: β, in [0, 1). epsilon: ε, above 0, beside the root and not under it.
    """

    beta2: Vector
    epsilon: Vector

    symbols: ClassVar[tuple[str, ...]] = ("S",)

    def rule(self, g: Array, moments: Mapping[str, Array], t: int) -> tuple[Array, dict[str, Array]]:
        S = moving_average(moments["S"], g * g, self.beta2)
        return scaled_by_root(g, S, -self.learning_rate, self.epsilon), {"S": S}
