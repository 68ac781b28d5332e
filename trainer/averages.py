"""Exponentially weighted averages, one memory per model: what momentum, Adam and batch norm remember.

An average with memory β looks back over about 1/(1 − β) values. Started from zero it has, after t
values, given them the weight 1 − βᵗ in all, which is what `bias_corrected` divides by (Kingma & Ba,
2015, section 3).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import Array, Vector, namespace, over_models


def moving_average(average: Array, x: Array, beta: Vector) -> Array:
    """β·average + (1 − β)·x, as a new array of x's shape (K, …). beta: β, in [0, 1), shape (K,)."""
    result: Array = namespace(average).asarray(average, copy=True)
    accumulate(result, x, over_models(1 - beta, x), namespace(x).empty_like(x))
    return result


def bias_corrected(average: Array, beta: Vector, t: NDArray[np.int64] | int) -> Array:
    """average / (1 − βᵗ), as a new array: without the pull of a start from zero.

    beta: β, in [0, 1), shape (K,). t: values averaged so far, from 1 on, shape (K,) or one for all.
    """
    result: Array = average / over_models(total_weight(beta, t), average)
    return result


def total_weight(beta: Vector, t: NDArray[np.int64] | int) -> Vector:
    """1 − βᵗ: what an average started from zero has given to its t values. Shape of beta and t together."""
    weight: Vector = 1 - beta**t
    return weight


# The array code takes the weight 1 − β, computed in float64, and no β: a float32 has 0.999 itself but
# with four digits of its 1 − β. And it forgets before it adds: in average + (1 − β)(x − average) a small x
# is lost beside a large average, so that with β = 0 one exploding value would spoil the next.


def accumulate(average: Array, x: Array, weight: Array, scratch: Array) -> None:
    """In place: average ← (1 − weight)·average + weight·x.

    weight: 1 − β, shape (K, 1, …), in x's dtype. scratch: of x's shape, overwritten; x is not.
    """
    forget(average, weight, scratch)
    namespace(x).multiply(x, weight, out=scratch)
    average += scratch


def accumulate_square(average: Array, x: Array, weight: Array, scratch: Array) -> None:
    """In place: average ← (1 − weight)·average + weight·x². The arguments are those of `accumulate`."""
    forget(average, weight, scratch)
    namespace(x).multiply(x, x, out=scratch)
    scratch *= weight
    average += scratch


def forget(average: Array, weight: Array, scratch: Array) -> None:
    """In place: average ← (1 − weight)·average. The arguments are those of `accumulate`."""
    namespace(average).multiply(average, weight, out=scratch)
    average -= scratch
