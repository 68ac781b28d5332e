"""What the optimizers share whose moments are moving averages.

An average is kept as the sum Σ βⁱ x over the values' ages i, which is the average over 1 − β: in array
code that is a pass less per moment, and 1 − β, like the correction of the bias, is one number per model.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import Array, Vector, namespace
from trainer.averages import total_weight
from trainer.optimizers.optimizer import Optimizer

_TINY = float(np.finfo(np.float32).tiny)


@dataclass(frozen=True, eq=False)
class Averaging(Optimizer):
    """An optimizer whose moments are moving averages started from zero.

    bias_correction: 1 for the models that divide them by 1 − βᵗ, which undoes that start, and 0 for the
        others. None for the optimizer's own default, `corrected`.
    """

    bias_correction: Vector | None = field(default=None, kw_only=True)

    corrected: ClassVar[bool] = False

    def _weight(self, beta: Vector, t: NDArray[np.int64]) -> Vector:
        """What to divide an average by: 1 − βᵗ, or 1 without correction."""
        correction = self.corrected if self.bias_correction is None else self.bias_correction
        return np.where(np.equal(correction, 0), 1.0, total_weight(beta, t))


def accumulate(total: Array, x: Array, beta: Array) -> None:
    """In place: total ← β·total + x. beta: shape (K, 1, …), in x's dtype."""
    total *= beta
    total += x


def floor_of(epsilon: Vector, unit: Vector) -> Vector:
    """ε / unit, and never so little that a float32 has it as zero: a gradient of zero would be 0/0 then."""
    floor: Vector = np.maximum(epsilon / unit, _TINY)
    return floor


def over_root(x: Array, square: Array, floor: Array, step: Array, out: Array) -> Array:
    """step · x / (√square + floor), written to `out`, which may not be x."""
    xp = namespace(x)
    xp.sqrt(square, out=out)
    out += floor
    xp.divide(x, out, out=out)
    out *= step
    return out
