"""How far apart a layer's weights begin: the standard deviation that each initialisation gives them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TypeAlias

Initialiser: TypeAlias = Callable[[int, int, float], float]
"""(n_in, n_out, scale) → the standard deviation of a layer's weights."""


def zeros(n_in: int, n_out: int, scale: float) -> float:
    """0: all units of a layer stay alike for ever, which is why nobody should start there."""
    return 0.0


def normal(n_in: int, n_out: int, scale: float) -> float:
    """The scale itself, whatever the width."""
    return scale


def he(n_in: int, n_out: int, scale: float) -> float:
    """√(2 / n_in): for relu, which halves the second moment (He et al., 2015, eq. 10)."""
    return math.sqrt(2 / n_in)


def xavier(n_in: int, n_out: int, scale: float) -> float:
    """√(1 / n_in): for tanh, which near 0 leaves the second moment (LeCun et al., 1998, eq. 16)."""
    return math.sqrt(1 / n_in)


def glorot(n_in: int, n_out: int, scale: float) -> float:
    """√(2 / (n_in + n_out)): forward and backward alike (Glorot & Bengio, 2010, eq. 12)."""
    return math.sqrt(2 / (n_in + n_out))


INITIALISERS: Mapping[str, Initialiser] = {
    "he": he,
    "xavier": xavier,
    "glorot": glorot,
    "normal": normal,
    "zeros": zeros,
}
