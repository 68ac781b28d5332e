"""RMSprop (Tieleman & Hinton, 2012, Neural Networks for Machine Learning, lecture 6.5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import Array, Vector, namespace
from trainer.optimizers.averaging import Averaging, accumulate, floor_of, over_root


@dataclass(frozen=True, eq=False)
class RMSprop(Averaging):
    """S ← β S + (1 − β) g²;  θ ← θ − α g / (√S + ε).

    beta2: β, in [0, 1). epsilon: ε, above 0, beside the root and not under it.
    bias_correction: off by default; on, it is Adam with β₁ = 0.
    """

    beta2: Vector
    epsilon: Vector

    symbols: ClassVar[tuple[str, ...]] = ("S",)
    second: ClassVar[tuple[str, str] | None] = ("S", "beta2")

    def _numbers(
        self, learning_rate: Vector, t: NDArray[np.int64], t2: NDArray[np.int64]
    ) -> dict[str, Vector]:
        # As in Adam: what S is to be divided by goes into α and ε.
        unit = np.sqrt((1 - self.beta2) / self._weight(self.beta2, t2))
        return {"step": -learning_rate / unit, "floor": floor_of(self.epsilon, unit), "beta2": self.beta2}

    @staticmethod
    def rule(g: Array, moments: Mapping[str, Array], c: Mapping[str, Array]) -> Array:
        S, scratch = moments["S"], namespace(g).square(g)
        accumulate(S, scratch, c["beta2"])
        return over_root(g, S, c["floor"], c["step"], out=scratch)
