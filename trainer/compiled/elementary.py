"""exp and tanh of many numbers at once: loops that a compiler turns into vector instructions.

eˣ = 2ⁿ eʳ with n = round(x / ln 2), so |r| ≤ ½ ln 2, where a Taylor polynomial of eʳ − 1 is exact up to
rounding (Muller, Elementary Functions, 3rd edition, sections 11.1 to 11.4): of degree 7 in float32, whose
first term left out is 5e-9 of the whole, and of degree 13 in float64. A NaN stays one, and no number
overflows on the way. Errors are below 2 (exp) and 3 (tanh) units in the last place.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core.typing.templates import Signature
from numba.extending import intrinsic, overload

from trainer.arrays import Array
from trainer.compiled.kernel import exact

_LOG2E = 1.4426950408889634
# ln 2 in two parts; n times the first is exact for every n that there can be (Cody & Waite, 1980).
_LN2_32 = np.float32(0.693359375), np.float32(-2.12194440e-4)
_LN2_64 = 0.693147180369123816490, 1.90821492927058770002e-10
# Beyond these, 2ⁿ would leave the dtype.
_RANGE_32 = np.float32(-87.0), np.float32(88.0)
_RANGE_64 = -708.0, 709.0


def power_of_two(n: Any) -> Any:
    """2ⁿ in the dtype of n, a whole number."""
    return type(n)(2.0 ** float(n))


@intrinsic
def _bits(context: Any, bits: Any) -> tuple[Signature, Any]:
    """The floating-point number that a whole number of its size is the bits of."""
    kind = types.float32 if bits == types.int32 else types.float64

    def generate(_context: Any, builder: Any, _signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.FloatType() if kind == types.float32 else ir.DoubleType())

    return kind(bits), generate


_float_of_bits: Any = _bits  # numba calls it without its context


@overload(power_of_two)
def _power_of_two(n: Any) -> Any:
    def of_float32(n: Any) -> Any:
        return _float_of_bits(np.int32((np.int32(n) + np.int32(127)) << np.int32(23)))

    def of_float64(n: Any) -> Any:
        return _float_of_bits(np.int64((np.int64(n) + 1023) << 52))

    return of_float32 if n == types.float32 else of_float64


@exact
def _parts_32(x: Any) -> Any:
    x = _RANGE_32[0] if x < _RANGE_32[0] else x
    x = _RANGE_32[1] if x > _RANGE_32[1] else x
    n = np.floor(x * np.float32(_LOG2E) + np.float32(0.5))
    r = (x - n * _LN2_32[0]) - n * _LN2_32[1]
    p = np.float32(1 / 5040)
    p = p * r + np.float32(1 / 720)
    p = p * r + np.float32(1 / 120)
    p = p * r + np.float32(1 / 24)
    p = p * r + np.float32(1 / 6)
    p = p * r + np.float32(1 / 2)
    p = p * r * r + r
    scale = power_of_two(n)
    return scale, scale * p


@exact
def _parts_64(x: Any) -> Any:
    x = _RANGE_64[0] if x < _RANGE_64[0] else x
    x = _RANGE_64[1] if x > _RANGE_64[1] else x
    n = np.floor(x * _LOG2E + 0.5)
    r = (x - n * _LN2_64[0]) - n * _LN2_64[1]
    p = 1 / 6227020800
    p = p * r + 1 / 479001600
    p = p * r + 1 / 39916800
    p = p * r + 1 / 3628800
    p = p * r + 1 / 362880
    p = p * r + 1 / 40320
    p = p * r + 1 / 5040
    p = p * r + 1 / 720
    p = p * r + 1 / 120
    p = p * r + 1 / 24
    p = p * r + 1 / 6
    p = p * r + 1 / 2
    p = p * r * r + r
    scale = power_of_two(n)
    return scale, scale * p


def _parts(x: Any) -> Any:
    """2ⁿ and 2ⁿ (eʳ − 1): their sum is eˣ, and the second plus (2ⁿ − 1) is eˣ − 1 without cancellation."""
    return _parts_32(x) if isinstance(x, np.float32) else _parts_64(x)


@overload(_parts)
def _overload_parts(x: Any) -> Any:
    def of_float32(x: Any) -> Any:
        return _parts_32(x)

    def of_float64(x: Any) -> Any:
        return _parts_64(x)

    return of_float32 if x == types.float32 else of_float64


@exact
def exp_(x: Array) -> None:
    """eˣ in place. x: one axis. Beyond the dtype's range, the largest or smallest eˣ that is in it."""
    for i in range(x.size):
        scale, rest = _parts(x[i])
        x[i] = scale + rest


@exact
def tanh_(x: Array) -> None:
    """tanh x in place: q / (q + 2) with q = e²ˣ − 1. x: one axis."""
    one, two = x.dtype.type(1), x.dtype.type(2)
    for i in range(x.size):
        # From 20 on, tanh is 1 in either dtype, and no square of eˣ is needed.
        doubled = x[i] + x[i]
        scale, rest = _parts(doubled)
        q = (scale - one) + rest
        x[i] = q / (q + two)
