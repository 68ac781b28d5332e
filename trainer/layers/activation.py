"""Activations: elementwise functions of a hidden layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from trainer.arrays import Array, namespace

LEAK = 0.01


@dataclass(frozen=True)
class Activation:
    """A = g(Z), and its derivative written with A, so that Z need not be kept.

    forward: Z → A; overwrites Z, which is A afterwards.
    backward: (dA, A) → dZ = dA · g′(Z); overwrites dA.
    initialisation: the name of the initial weights made for it.
    zero_at_zero: whether g(0) = 0, so that a unit whose inputs are all zero stays silent.
    """

    forward: Callable[[Array], Array]
    backward: Callable[[Array, Array], Array]
    initialisation: str
    zero_at_zero: bool = True


def _relu(Z: Array) -> Array:
    # np.clip would do for both, but takes longer than the work itself on a small array.
    return np.maximum(Z, 0, out=Z) if isinstance(Z, np.ndarray) else namespace(Z).clip(Z, min=0, out=Z)


def _relu_backward(dA: Array, A: Array) -> Array:
    dA *= A > 0
    return dA


def _leaky_relu(Z: Array) -> Array:
    xp = namespace(Z)
    leaky: Array = xp.where(Z > 0, Z, LEAK * Z)
    return leaky


def _leaky_relu_backward(dA: Array, A: Array) -> Array:
    xp = namespace(A)
    dZ: Array = xp.where(A > 0, dA, LEAK * dA)
    return dZ


def _tanh(Z: Array) -> Array:
    A: Array = namespace(Z).tanh(Z, out=Z)
    return A


def _tanh_backward(dA: Array, A: Array) -> Array:
    slope = A * A
    namespace(A).subtract(1, slope, out=slope)
    dA *= slope
    return dA


def _sigmoid(Z: Array) -> Array:
    Z *= 0.5  # σ(z) = (1 + tanh(z/2)) / 2, where no exponential can overflow
    namespace(Z).tanh(Z, out=Z)
    Z += 1
    Z *= 0.5
    return Z


def _sigmoid_backward(dA: Array, A: Array) -> Array:
    slope = A * A
    namespace(A).subtract(A, slope, out=slope)
    dA *= slope
    return dA


ACTIVATIONS: Mapping[str, Activation] = {
    "relu": Activation(_relu, _relu_backward, initialisation="he"),
    "leaky_relu": Activation(_leaky_relu, _leaky_relu_backward, initialisation="he"),
    "tanh": Activation(_tanh, _tanh_backward, initialisation="glorot"),
    "sigmoid": Activation(_sigmoid, _sigmoid_backward, initialisation="glorot", zero_at_zero=False),
}
