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
class Warped:
    """Features bent and divided by their lengthscales, their slopes in log a and log b; all (n, features)."""

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
        self._group, self._bent = group, np.flatnonzero(ordered)
        scales, bends = int(group.max()) + 1 if len(group) else 0, len(self._bent)
        ends = np.cumsum([scales, bends, bends])
        self._scales, self._a, self._b = slice(0, ends[0]), slice(ends[0], ends[1]), slice(ends[1], ends[2])
        # Distances grow with the number of hyperparameters (Hvarfner et al., 2024).
        scale = math.log(0.5 * math.sqrt(max(scales, 1) / 3))
        self.centre = np.concatenate([np.full(scales, scale), np.zeros(2 * bends)])
        self.width = np.concatenate([np.full(scales, 0.5), np.full(2 * bends, 0.6)])
        self.low, self.high = self.centre - 3 * self.width, self.centre + 3 * self.width

    def values(self, theta: Array, features: Array) -> Array:
        """Features bent and divided by their lengthscales, shape (n, features)."""
        values = features.copy()
        _, _, tail = self._bend(theta, features)
        values[:, self._bent] = 1 - tail
        return np.asarray(values / self._lengthscales(theta))

    def warp(self, theta: Array, features: Array) -> Warped:
        """The same, and how it changes with the constants."""
        values = features.copy()
        by_a, by_b = np.zeros_like(features), np.zeros_like(features)
        a, b = np.exp(theta[self._a]), np.exp(theta[self._b])
        x, power, tail = self._bend(theta, features)
        values[:, self._bent] = 1 - tail
        by_a[:, self._bent] = b * tail / (1 - power) * power * np.log(x) * a
        by_b[:, self._bent] = -b * tail * np.log1p(-power)
        scales = self._lengthscales(theta)
        return Warped(values / scales, by_a / scales, by_b / scales)

    def between(self, squares: Array) -> Array:
        """The kernel of pairs, in place of the squared distances of their warped features."""
        return _matern(_root(squares))[0]

    def with_slope(self, x: Array) -> tuple[Array, Array]:
        """The kernel of warped features among themselves, and -2/3 of its slope in the squared distances."""
        return _matern(_root(squared_distances(x, x)))

    def pull(self, theta: Array, steep: Array, warped: Warped) -> Array:
        """Σ weights · ∂kernel/∂θ over all pairs, shape (constants,).

        steep: symmetric weights times what `with_slope` gives, shape (n, n).
        """
        found = np.empty_like(theta)
        x = warped.values
        by_distance = -1.5 * steep  # the weight of each squared distance
        total = by_distance.sum(axis=1)[:, None]
        push = 2 * (total * x - by_distance @ x)  # of each feature, through its distances to all others
        by_feature = -2 * (push * x).sum(axis=0)
        found[self._scales] = np.bincount(self._group, by_feature, minlength=self._scales.stop)
        found[self._a] = 2 * (push * warped.by_a).sum(axis=0)[self._bent]
        found[self._b] = 2 * (push * warped.by_b).sum(axis=0)[self._bent]
        return found

    def relative_lengthscales(self, theta: Array) -> Array:
        """Of each hyperparameter, in units of the prior's median, shape (dimensions,)."""
        return np.asarray(np.exp(theta[self._scales] - self.centre[self._scales]))

    def _bend(self, theta: Array, features: Array) -> tuple[Array, Array, Array]:
        """Of the ordered features: x, x^a and (1 - x^a)^b, each of shape (n, bent features)."""
        x = np.clip(features[:, self._bent], _INSIDE, 1 - _INSIDE)
        power = x ** np.exp(theta[self._a])
        return x, power, np.exp(np.exp(theta[self._b]) * np.log1p(-power))

    def _lengthscales(self, theta: Array) -> Array:
        """Of each feature, shape (features,)."""
        return np.asarray(np.exp(theta[self._scales])[self._group])


def _matern(root: Array) -> tuple[Array, Array]:
    """(1 + root) exp(-root), in place of the argument, and exp(-root): fresh memory costs more than sums."""
    steep = np.negative(root)
    np.exp(steep, out=steep)
    root += 1
    root *= steep
    return root, steep


def _root(squares: Array) -> Array:
    """√3 times the distances, in place of their squares."""
    squares *= 3
    return np.asarray(np.sqrt(squares, out=squares))


def squared_distances(x: Array, others: Array) -> Array:
    """Between the rows of two arrays, (n, features) and (m, features): shape (n, m), none below 0."""
    squares = (x * x).sum(axis=1)[:, None] + (others * others).sum(axis=1)[None]
    squares -= 2 * x @ others.T
    return np.asarray(np.maximum(squares, 0.0, out=squares))
