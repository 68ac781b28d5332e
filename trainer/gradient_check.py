"""Gradients against central differences: what a new layer has to pass."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from trainer.arrays import Array, Params, Vector

STEP = 1e-5
"""h. The error of a central difference, h²·J‴/6 + ε·J/h for the rounding unit ε, is least near ε^(1/3)."""


def gradient_check(
    cost: Callable[[Params], Vector], params: Params, grads: Params, step: float = STEP
) -> dict[str, Vector]:
    """Relative error ‖g − ĝ‖ / (‖g‖ + ‖ĝ‖) of each parameter's gradient, shape (K,); 0 where both vanish.

    cost: params → each model's cost, shape (K,). grads: g, the gradients to be checked.
    ĝ = (J(θ + h) − J(θ − h)) / 2h, entry by entry, for all models of the stack at once.
    Raises ValueError unless the params are float64: in float32, ĝ has but three digits.
    """
    for name, array in params.items():
        if array.dtype != np.float64:
            raise ValueError(f"{name} is {array.dtype}; gradients are checked in float64")
    differences = {name: central_difference(cost, params, name, step) for name in params}
    return {name: _relative_error(grads[name], differences[name]) for name in params}


def central_difference(
    cost: Callable[[Params], Vector], params: Params, name: str, step: float = STEP
) -> Array:
    """ĝ for one parameter, of its shape. Takes 2·size/K costs; params are left as they were."""
    moved = params[name].copy()
    trial = {**params, name: moved}
    difference = np.empty_like(moved)
    for entry in np.ndindex(moved.shape[1:]):
        at = (slice(None), *entry)
        here = params[name][at]
        moved[at] = here + step
        above = cost(trial)
        moved[at] = here - step
        difference[at] = (above - cost(trial)) / (2 * step)
        moved[at] = here
    return difference


def _relative_error(g: Array, reference: Array) -> Vector:
    axes = tuple(range(1, g.ndim))
    norm = np.sqrt(np.square(g).sum(axes)) + np.sqrt(np.square(reference).sum(axes))
    error = np.sqrt(np.square(g - reference).sum(axes))
    relative: Vector = np.divide(error, norm, out=np.zeros_like(error), where=norm != 0)  # NaN stays NaN
    return relative
