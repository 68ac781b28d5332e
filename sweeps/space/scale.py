"""Scales: the monotone maps in which a numeric hyperparameter is sampled evenly."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_BELOW_1 = 1 - 2**-53  # from far below, offsets do not tell a value just below 1 from 1


@dataclass(frozen=True)
class Scale:
    """A strictly increasing map `forward` onto the real line, and its inverse.

    The same from one value on, where no digit is lost that tells neighbours apart:
    distance(low, offset) = forward(low + offset) - forward(low), and `offset` is its inverse in `offset`.
    away(value, distance) = inverse(forward(value) + distance), however far that is.
    The same for arrays ends in `_all`, and may be rounded otherwise.
    """

    name: str
    forward: Callable[[float], float]
    inverse: Callable[[float], float]
    distance: Callable[[float, float], float]
    offset: Callable[[float, float], float]
    away: Callable[[float, float], float]
    distance_all: Callable[[float, Array], Array]
    offset_all: Callable[[float, Array], Array]
    legal: Callable[[float], bool]
    rule: str


LINEAR = Scale(
    "linear",
    forward=lambda x: x,
    inverse=lambda y: y,
    distance=lambda _, offset: offset,
    offset=lambda _, distance: distance,
    away=lambda value, distance: value + distance,
    distance_all=lambda _, offsets: offsets,
    offset_all=lambda _, distances: distances,
    legal=lambda _: True,
    rule="must be finite",
)
LOG = Scale(
    "log",
    forward=math.log,
    inverse=math.exp,
    distance=lambda low, offset: math.log1p(offset / low),
    offset=lambda low, distance: low * math.expm1(distance),
    away=lambda value, distance: value * math.exp(distance),
    distance_all=lambda low, offsets: np.log1p(offsets / low),
    offset_all=lambda low, distances: low * np.expm1(distances),
    legal=lambda x: x > 0,
    rule="must be above 0 on a log scale",
)
REVERSE_LOG = Scale(
    "reverse log",
    forward=lambda x: -math.log1p(-x),
    inverse=lambda y: -math.expm1(-y),
    distance=lambda low, offset: -math.log1p(-min(offset / (1 - low), _BELOW_1)),
    offset=lambda low, distance: (1 - low) * -math.expm1(-distance),
    away=lambda value, distance: value + (1 - value) * -math.expm1(-distance),
    distance_all=lambda low, offsets: -np.log1p(-np.minimum(offsets / (1 - low), _BELOW_1)),
    offset_all=lambda low, distances: (1 - low) * -np.expm1(-distances),
    legal=lambda x: x < 1,
    rule="must be below 1 on a reverse log scale, where 1 - value is log-uniform",
)
