"""Exponentially weighted averages, one memory per model: what momentum, Adam and batch norm remember.

An average with memory β looks back over about 1/(1 − β) values. Started from zero it has, after t
values, given them the weight 1 − βᵗ in all, which is what an average
without bias is divided by (Kingma & Ba, 2015, section 3).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import Array, Vector, over_models


def moving_average(average: Array, x: Array, weight: Array) -> Array:
    """(1 − w)·average + w·x, as a new array of x's shape (K, …). weight: w = 1 − β, in (0, 1], shape (K,)."""
    # By the weight, computed in float64, and not by β: a float32 has 0.999 itself but with four
    # digits of its 1 − β. And it forgets before it adds: in average + (1 − β)(x − average) a small x is
    # lost beside a large average, so that with β = 0 one exploding value would spoil the next.
    own = over_models(weight, x)
    result: Array = average - own * average
    result += own * x
    return result


def total_weight(beta: Vector, t: NDArray[np.int64] | int) -> Vector:
    """1 − βᵗ: what an average started from zero has given to its t values. Shape of beta and t together."""
    weight: Vector = 1 - beta**t
    return weight
