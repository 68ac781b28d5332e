"""Uniform numbers by counting: draw (position, unit) of a key is a hash of the three and needs no other.

So whoever computes it, in whatever order, gets the same: one model compiled for a CPU, a stack in NumPy,
a captured step on a GPU. The hash mixes 32-bit words by shifts and products with Ettinger and Wellons's
"lowbias32" constants (Wellons, Prospecting for Hash Functions, 2018; the pair 21f0aaad, d35a2d97). A row has
two words of key, so that no two rows are one another shifted.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from trainer.arrays import Array, DType, namespace
from trainer.randomness import Key

VERSION = "1"
"""Of all that is drawn from a seed, weights and orders included: raise it where others are drawn."""

M1, M2 = 0x21F0AAAD, 0xD35A2D97
ROW, UNIT = 0x9E3779B9, 0x85EBCA6B
LOW = 0xFFFFFFFF
BITS = 24  # of a draw: as many as a float32 holds, so that both dtypes compare the same number
SCALE = 2.0**-BITS


def words(key: Key, epoch: int, layer: int) -> tuple[int, int]:
    """The two 32-bit words that an epoch's draws for a layer are keyed by. key: whole numbers from 0 on."""
    first, second = _words(key)
    return (
        mixed((mixed((first + epoch) & LOW) + layer) & LOW),
        mixed(mixed(second ^ (epoch & LOW)) ^ layer),
    )


@lru_cache
def _words(key: Key) -> tuple[int, int]:
    """By NumPy's SeedSequence, which takes as long as a small layer's step: once a key."""
    first, second = np.random.SeedSequence(key).generate_state(2, np.uint32)
    return int(first), int(second)


def mixed(x: Any) -> Any:
    """A 32-bit word, or an array of them in int64, to another: one to one, each bit depends on all."""
    x = x ^ (x >> 16)
    x = (x * M1) & LOW  # what overflows is above the 32 bits that count
    x = x ^ (x >> 15)
    x = (x * M2) & LOW
    return x ^ (x >> 15)


def uniform(key: Array, positions: Array, units: int, dtype: DType) -> Array:
    """Draws in [0, 1), shape (units, positions).

    key: `words`, (2,). positions: whole numbers, one axis. Both are arrays of int64, NumPy's or torch's,
    and so are the draws, in the dtype.
    """
    xp: Any = namespace(key)
    at: Any = positions
    first = mixed((at * ROW + key[0]) & LOW)
    second = mixed((at ^ key[1]) & LOW)
    options = {} if xp is np else {"device": at.device}
    column = xp.arange(units, dtype=xp.int64, **options)[:, None]
    x = (column * UNIT + first) & LOW
    x = x ^ (x >> 16)
    x = ((x * M1) & LOW) ^ second
    x = x ^ (x >> 15)
    x = (x * M2) & LOW
    x = (x ^ (x >> 15)) >> (32 - BITS)
    draws: Array = (x.astype(dtype) if xp is np else x.to(getattr(xp, dtype.__name__))) * SCALE
    return draws
