"""Activations: A = g(Z) in place, and dZ = dA · g′(Z) in place, written with A.

See trainer.layers.activation. The arrays have one axis. code: the place of the activation's name in `NAMES`.
"""

from __future__ import annotations

from trainer.arrays import Array
from trainer.compiled.elementary import tanh_
from trainer.compiled.kernel import kernel

NAMES = ("relu", "leaky_relu", "tanh", "sigmoid")

_RELU, _LEAKY_RELU, _TANH, _SIGMOID = range(4)


@kernel
def activate(code: int, z: Array) -> None:
    """Z becomes A."""
    zero, half = z.dtype.type(0), z.dtype.type(0.5)
    if code == _RELU:
        for i in range(z.size):
            z[i] = zero if z[i] < zero else z[i]  # a NaN stays one
    elif code == _LEAKY_RELU:
        leak = z.dtype.type(0.01)
        for i in range(z.size):
            z[i] = z[i] if z[i] > zero else leak * z[i]
    elif code == _TANH:
        tanh_(z)
    else:
        for i in range(z.size):
            z[i] *= half  # σ(z) = (1 + tanh(z/2)) / 2, where no exponential can overflow
        tanh_(z)
        for i in range(z.size):
            z[i] = half * z[i] + half


@kernel
def slope_(code: int, d: Array, a: Array) -> None:
    """dA becomes dZ."""
    zero, one = a.dtype.type(0), a.dtype.type(1)
    if code == _RELU:
        for i in range(a.size):
            d[i] = d[i] if a[i] > zero else zero
    elif code == _LEAKY_RELU:
        leak = a.dtype.type(0.01)
        for i in range(a.size):
            d[i] = d[i] if a[i] > zero else leak * d[i]
    elif code == _TANH:
        for i in range(a.size):
            d[i] *= one - a[i] * a[i]
    else:
        for i in range(a.size):
            d[i] *= a[i] - a[i] * a[i]
