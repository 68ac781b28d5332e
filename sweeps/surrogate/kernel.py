"""How alike two configs' results are expected to be.

    M(|w(x) - w(x')|)

for features x. M is Matérn's function of smoothness 3/2, (1 + √3 d) exp(-√3 d), with a lengthscale for each
hyperparameter: a long one says that it hardly matters. w bends each ordered feature by Kumaraswamy's
distribution function, 1 - (1 - x^a)^b, for a range in which the results change faster towards one end (Snoek
et al., 2014, "Input Warping for Bayesian Optimization").
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_INSIDE = 1e-4  # the bend's slope is infinite at an end


@dataclass(frozen=True)
class Raw:
    """Features before the bend: the logarithms of those that it bends, and the others; each (n, …)."""

    logs: Array
    others: Array


@dataclass(frozen=True)
class Warped:
    """Features bent and divided by their lengthscales, shape (n, features), those that bend first; and the
    slopes of these in log a and log b, each of shape (n, bent features)."""

    values: Array
    by_a: Array
    by_b: Array


class Kernel:
    """The kernel's form; its constants are a vector θ of logarithms, shape (constants,).

    group, ordered: of the features, as `Features` has them.
    θ holds a lengthscale for each hyperparameter, then a and b for each ordered feature.
    centre, width: of θ's normal prior, low, high: its bounds, each of shape (constants,).
    """

    def __init__(self, group: NDArray[np.int64], ordered: NDArray[np.bool_]) -> None:
        self._bent, self._others = np.flatnonzero(ordered), np.flatnonzero(~ordered)
        self._group = np.concatenate([group[self._bent], group[self._others]])  # those that bend first
        scales, bends = int(group.max()) + 1 if len(group) else 0, len(self._bent)
        ends = np.cumsum([scales, bends, bends])
        self._scales, self._a, self._b = slice(0, ends[0]), slice(ends[0], ends[1]), slice(ends[1], ends[2])
        # Distances grow with the number of hyperparameters (Hvarfner et al., 2024).
        scale = math.log(0.5 * math.sqrt(max(scales, 1) / 3))
        self.centre = np.concatenate([np.full(scales, scale), np.zeros(2 * bends)])
        self.width = np.concatenate([np.full(scales, 0.5), np.full(2 * bends, 0.6)])
        self.low, self.high = self.centre - 3 * self.width, self.centre + 3 * self.width

    def raw(self, features: Array) -> Raw:
        """What does not change with the constants, for features of shape (n, features)."""
        logs = np.log(np.clip(features[:, self._bent], _INSIDE, 1 - _INSIDE))
        return Raw(logs, features[:, self._others])

    def values(self, theta: Array, features: Array) -> Array:
        """Features bent and divided by their lengthscales, shape (n, features), those that bend first."""
        raw = self.raw(features)
        _, tail, _ = self._bend(theta, raw)
        values = np.concatenate([1 - tail, raw.others], axis=1)
        values /= self._lengthscales(theta)
        return values

    def warp(self, theta: Array, raw: Raw) -> Warped:
        """The same, and how it changes with the constants."""
        power, tail, log_rest = self._bend(theta, raw)
        scales = self._lengthscales(theta)
        values = np.concatenate([1 - tail, raw.others], axis=1)
        values /= scales
        tail *= np.exp(theta[self._b]) / scales[: len(self._bent)]
        by_a = np.exp(theta[self._a]) * tail * power / (1 - power) * raw.logs
        return Warped(values, by_a, -tail * log_rest)

    def pull(self, theta: Array, steep: Array, warped: Warped) -> Array:
        """Σ weights · ∂kernel/∂θ over all pairs, shape (constants,).

        steep: weights, symmetric or not, times -2/3 of the kernel's slope in the squared distances, shape
        (n, n).
        """
        found = np.empty_like(theta)
        x, bent = warped.values, len(self._bent)
        ones = np.concatenate([x, np.ones((len(x), 1))], axis=1)
        drawn = steep @ ones + steep.T @ ones
        # Of each feature, through its distances to all others.
        push = 3 * (drawn[:, :-1] - drawn[:, -1:] * x)
        by_feature = -np.einsum("ij,ij->j", push, x)
        found[self._scales] = np.bincount(self._group, by_feature, minlength=self._scales.stop)
        found[self._a] = np.einsum("ij,ij->j", push[:, :bent], warped.by_a)
        found[self._b] = np.einsum("ij,ij->j", push[:, :bent], warped.by_b)
        return found

    def relative_lengthscales(self, theta: Array) -> Array:
        """Of each hyperparameter, in units of the prior's median, shape (dimensions,)."""
        return np.asarray(np.exp(theta[self._scales] - self.centre[self._scales]))

    def _bend(self, theta: Array, raw: Raw) -> tuple[Array, Array, Array]:
        """Of the ordered features x: x^a, (1 - x^a)^b and log(1 - x^a), each (n, bent features)."""
        power = np.exp(np.exp(theta[self._a]) * raw.logs)
        log_rest = np.log1p(-power)
        return power, np.exp(np.exp(theta[self._b]) * log_rest), log_rest

    def _lengthscales(self, theta: Array) -> Array:
        """Of each feature, shape (features,)."""
        return np.asarray(np.exp(theta[self._scales])[self._group])


def roots(x: Array, others: Array, out: Array | None = None) -> Array:
    """√3 times the distances between the rows of two arrays, (n, features) and (m, features): (n, m)."""
    one = _with_squares(x)
    one[:, :-2] *= -6
    one[:, -2:] = one[:, :-3:-1] * 3
    squares = np.matmul(one, _with_squares(others).T, out=out)
    return np.asarray(np.sqrt(np.abs(squares, out=squares), out=squares))  # by rounding, some are below 0


def _with_squares(x: Array) -> Array:
    """Rows with the sum of their squares and with 1, of which sums of products make squared distances."""
    return np.concatenate([x, np.einsum("ij,ij->i", x, x)[:, None], np.ones((len(x), 1))], axis=1)


def matern(root: Array, steep: Array | None = None) -> Array:
    """The kernel of pairs, in place of their `roots`: fresh memory costs more than sums.

    steep: is overwritten, if given, by -2/3 of the kernel's slope in the squared distances.
    """
    steep = np.negative(root, out=steep)
    np.exp(steep, out=steep)
    root += 1
    root *= steep
    return root
