"""Gradient descent with momentum (Polyak, 1964), as a moving average of the gradients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from trainer.arrays import Array, Vector, over_models
from trainer.optimizers.optimizer import Optimizer, moving_average


@dataclass(frozen=True, eq=False)
class Momentum(Optimizer):
    """v ← β v + (1 − β) g;  θ ← θ − α v.

    The factor 1 − β keeps the step's size when β changes, so α and β can be searched apart. Polyak's
    form v ← β v + g gives the same path at the learning rate (1 − β) α.

    momentum: β, in [0, 1).
    """

    momentum: Vector

    symbols: ClassVar[tuple[str, ...]] = ("v",)

    def rule(self, g: Array, moments: Mapping[str, Array], t: int) -> tuple[Array, dict[str, Array]]:
        v = moving_average(moments["v"], g, self.momentum)
        update: Array = over_models(-self.learning_rate, v) * v
        return update, {"v": v}
