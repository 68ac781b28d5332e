"""Inverted dropout with the draws of trainer.draws, one unit at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from trainer import draws
from trainer.arrays import Array
from trainer.compiled.kernel import kernel

_M1, _M2, _ROW, _UNIT = (np.uint32(each) for each in (draws.M1, draws.M2, draws.ROW, draws.UNIT))
_UP, _DOWN = np.uint32(16), np.uint32(15)
_SPARE = np.uint32(32 - draws.BITS)
_SCALE = draws.SCALE


@kernel
def _mixed(x: np.uint32) -> np.uint32:
    x = np.uint32(np.uint32(x ^ (x >> _UP)) * _M1)
    x = np.uint32(np.uint32(x ^ (x >> _DOWN)) * _M2)
    return np.uint32(x ^ (x >> _DOWN))


@kernel
def drop(A: Array, kept: Array, factor: Array, keep: float, key: NDArray[np.uint32], position: int) -> None:
    """Write A · factor to `kept`, where factor is 1/keep or, with probability 1 − keep, 0.

    A, kept, factor: (m, n); kept may be A. position: of the first example in the epoch's order.
    """
    m, n = A.shape
    zero, scale = A.dtype.type(0), A.dtype.type(1) / keep
    unit = A.dtype.type(_SCALE)
    for i in range(m):
        at = np.uint32(position + i)
        first = _mixed(np.uint32(np.uint32(at * _ROW) + key[0]))
        second = _mixed(np.uint32(at ^ key[1]))
        for j in range(n):
            x = np.uint32(np.uint32(np.uint32(j) * _UNIT) + first)
            x = np.uint32(np.uint32(np.uint32(x ^ (x >> _UP)) * _M1) ^ second)
            x = np.uint32(np.uint32(x ^ (x >> _DOWN)) * _M2)
            x = np.uint32(np.uint32(x ^ (x >> _DOWN)) >> _SPARE)
            factor[i, j] = scale if A.dtype.type(np.int32(x)) * unit < keep else zero
            kept[i, j] = A[i, j] * factor[i, j]
