"""Scales: the monotone maps in which a numeric hyperparameter is sampled evenly."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Scale:
    """A strictly increasing map onto the real line, and its inverse.

    The same for arrays ends in `_all`, and may be rounded otherwise.
    """

    name: str
    forward: Callable[[float], float]
    inverse: Callable[[float], float]
    forward_all: Callable[[Array], Array]
    inverse_all: Callable[[Array], Array]
    legal: Callable[[float], bool]
    rule: str


def _identity(x: float) -> float:
    return x


def _identity_all(x: Array) -> Array:
    return x


def _minus_log_one_minus(x: float) -> float:
    return -math.log1p(-x)


def _one_minus_exp_minus(y: float) -> float:
    return -math.expm1(-y)


def _minus_log_one_minus_all(x: Array) -> Array:
    return -np.log1p(-x)


def _one_minus_exp_minus_all(y: Array) -> Array:
    return -np.expm1(-y)


LINEAR = Scale("linear", _identity, _identity, _identity_all, _identity_all, lambda _: True, "must be finite")
LOG = Scale("log", math.log, math.exp, np.log, np.exp, lambda x: x > 0, "must be above 0 on a log scale")
REVERSE_LOG = Scale(
    "reverse log",
    _minus_log_one_minus,
    _one_minus_exp_minus,
    _minus_log_one_minus_all,
    _one_minus_exp_minus_all,
    lambda x: x < 1,
    "must be below 1 on a reverse log scale, where 1 - value is log-uniform",
)
