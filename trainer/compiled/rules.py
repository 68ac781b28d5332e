"""Optimizers' rules, elementwise and in place (see trainer.optimizers, which has the coefficients).

θ, the gradient g and the moments have one axis, and may be a part of the whole. c: the coefficients of the
step, at the places that `COEFFICIENTS` names. code: the place of the optimizer's name in `NAMES`.
"""

from __future__ import annotations

import numpy as np

from trainer.arrays import Array
from trainer.compiled.kernel import kernel

NAMES = ("gradient_descent", "momentum", "classical_momentum", "nesterov", "rmsprop", "adam", "adamw")
COEFFICIENTS = (
    "step",
    "floor",
    "beta",
    "beta1",
    "beta2",
    "l1",
    "l2",
    "clip_norm",
    "decay",
    "batch_norm_weight",
    "average_weight",
)

STEP, FLOOR, BETA, BETA1, BETA2, L1, L2, CLIP, DECAY, REMEMBER, AVERAGE = range(len(COEFFICIENTS))
_GRADIENT_DESCENT, _MOMENTUM, _CLASSICAL, _NESTEROV, _RMSPROP = range(5)


@kernel
def descend(code: int, memory: Array, start: int, stop: int, size: int, c: Array) -> None:
    """One update of the parameters start … stop − 1 of the `size` that there are.

    memory: θ, the gradient and the moments in the order of the optimizer's symbols, `size` numbers each.
    """
    theta, g = memory[start:stop], memory[size + start : size + stop]
    first, second = memory[2 * size + start : 2 * size + stop], memory[3 * size + start : 3 * size + stop]
    if code == _GRADIENT_DESCENT:
        for i in range(theta.size):
            theta[i] += c[STEP] * g[i]
    elif code in (_MOMENTUM, _CLASSICAL):
        _momentum(theta, g, first, c[STEP], c[BETA])
    elif code == _NESTEROV:
        _nesterov(theta, g, first, c[STEP], c[BETA])
    elif code == _RMSPROP:
        _rmsprop(theta, g, first, c[STEP], c[FLOOR], c[BETA2])
    else:
        _adam(theta, g, first, second, c)


@kernel
def _momentum(theta: Array, g: Array, v: Array, step: float, beta: float) -> None:
    for i in range(theta.size):
        v[i] = beta * v[i] + g[i]
        theta[i] += step * v[i]


@kernel
def _nesterov(theta: Array, g: Array, v: Array, step: float, beta: float) -> None:
    for i in range(theta.size):
        v[i] = beta * v[i] + g[i]
        theta[i] += step * (g[i] + beta * v[i])


@kernel
def _rmsprop(theta: Array, g: Array, S: Array, step: float, floor: float, beta: float) -> None:
    for i in range(theta.size):
        S[i] = beta * S[i] + g[i] * g[i]
        theta[i] += step * g[i] / (np.sqrt(S[i]) + floor)


@kernel
def _adam(theta: Array, g: Array, m: Array, v: Array, c: Array) -> None:
    step, floor, beta1, beta2 = c[STEP], c[FLOOR], c[BETA1], c[BETA2]
    for i in range(theta.size):
        m[i] = beta1 * m[i] + g[i]
        v[i] = beta2 * v[i] + g[i] * g[i]
        theta[i] += step * m[i] / (np.sqrt(v[i]) + floor)
