"""Batch normalisation of a layer's Z over the examples of a minibatch (Ioffe & Szegedy, 2015).

Z, Y: (K, n, m); gamma, beta, mean, variance: (K, n, 1); epsilon: (K, 1, 1), inside the root. Units
that are silent because they pad a narrower model stay so: their γ and β are zero.
"""

from __future__ import annotations

from typing import NamedTuple

from trainer.arrays import Array, namespace
from trainer.layers.dense import sum_examples


class Normalised(NamedTuple):
    """What a forward pass leaves: Ẑ, 1/√(σ² + ε), and the minibatch's mean and variance (over m)."""

    Z: Array
    inverse_deviation: Array
    mean: Array
    variance: Array


def forward(Z: Array, gamma: Array, beta: Array, epsilon: Array) -> tuple[Array, Normalised]:
    """Y = γ Ẑ + β, where Ẑ = (Z − mean) / √(variance + ε) by the minibatch's own. Overwrites Z with Ẑ."""
    xp = namespace(Z)
    mean = Z.mean(axis=2, keepdims=True)
    Z -= mean
    variance = xp.square(Z).mean(axis=2, keepdims=True)
    inverse_deviation = 1 / xp.sqrt(variance + epsilon)
    Z *= inverse_deviation
    Y: Array = Z * gamma
    Y += beta
    return Y, Normalised(Z, inverse_deviation, mean, variance)


def backward(dY: Array, gamma: Array, passed: Normalised, dgamma: Array, dbeta: Array) -> Array:
    """dZ; writes dgamma and dbeta. (Ioffe & Szegedy, section 3, with the sums over x collected.)"""
    m = dY.shape[2]
    sum_examples(dY * passed.Z, dgamma)
    sum_examples(dY, dbeta)
    dZ: Array = passed.Z * (dgamma / -m)
    dZ += dY
    dZ -= dbeta / m
    dZ *= gamma * passed.inverse_deviation
    return dZ


def predict(Z: Array, gamma: Array, beta: Array, mean: Array, variance: Array, epsilon: Array) -> Array:
    """Y by the running statistics: an example's does not depend on the others. Overwrites Z."""
    scale = gamma / namespace(Z).sqrt(variance + epsilon)
    Z *= scale
    Z += beta - mean * scale
    return Z


def unbiased(variance: Array, m: int) -> Array:
    """The estimate of a variance from m examples' own, m/(m − 1) times that. m: at least 2."""
    estimate: Array = variance * (m / (m - 1))
    return estimate
