"""Scales: the monotone maps in which a numeric hyperparameter is sampled evenly."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Scale:
    """A strictly increasing map onto the real line, and its inverse."""

    name: str
    forward: Callable[[float], float]
    inverse: Callable[[float], float]
    legal: Callable[[float], bool]
    rule: str


def _identity(x: float) -> float:
    return x


def _minus_log_one_minus(x: float) -> float:
    return -math.log1p(-x)


def _one_minus_exp_minus(y: float) -> float:
    return -math.expm1(-y)


LINEAR = Scale("linear", _identity, _identity, lambda _: True, "must be finite")
LOG = Scale("log", math.log, math.exp, lambda x: x > 0, "must be above 0 on a log scale")
REVERSE_LOG = Scale(
    "reverse log",
    _minus_log_one_minus,
    _one_minus_exp_minus,
    lambda x: x < 1,
    "must be below 1 on a reverse log scale, where 1 - value is log-uniform",
)
