"""Activations: elementwise, zero at zero, so that a unit whose inputs are all zero stays silent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from trainer.arrays import Array


@dataclass(frozen=True)
class Activation:
    """A = g(Z), and its derivative written with A, so that Z need not be kept.

    forward: Z → A; overwrites Z, which is A afterwards.
    backward: (dA, A) → dZ = dA · g′(Z); leaves both as they are.
    initialisation: the name of the initial weights made for it.
    """

    forward: Callable[[Array], Array]
    backward: Callable[[Array, Array], Array]
    initialisation: str


def _relu(Z: Array) -> Array:
    return np.maximum(Z, 0, out=Z)


def _relu_backward(dA: Array, A: Array) -> Array:
    return np.multiply(dA, A > 0)


def _tanh(Z: Array) -> Array:
    return np.tanh(Z, out=Z)


def _tanh_backward(dA: Array, A: Array) -> Array:
    slope = A * A
    np.subtract(1, slope, out=slope)
    slope *= dA
    return slope


RELU = Activation(_relu, _relu_backward, initialisation="he")
TANH = Activation(_tanh, _tanh_backward, initialisation="xavier")

ACTIVATIONS: Mapping[str, Activation] = {"relu": RELU, "tanh": TANH}
