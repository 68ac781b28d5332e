"""Gradient descent on minibatches (Robbins & Monro, 1951)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from trainer.arrays import Array, over_models
from trainer.optimizers.optimizer import Optimizer


@dataclass(frozen=True, eq=False)
class GradientDescent(Optimizer):
    """θ ← θ − α g."""

    def rule(self, g: Array, moments: Mapping[str, Array], t: int) -> tuple[Array, dict[str, Array]]:
        update: Array = over_models(-self.learning_rate, g) * g
        return update, {}
