"""How alike two results are expected to be, and how that changes with the kernel's constants.

    k((x, r), (x', r')) = amplitude · M(|w(x) - w(x')|) · ρ^|r - r'| + 1 + [r = r']

for features x and the index r of the rung a result was had at. M is Matérn's function of smoothness 3/2,
(1 + √3 d) exp(-√3 d), with a lengthscale for each hyperparameter: a long one says that it hardly matters.
w bends each ordered feature by Kumaraswamy's distribution function, 1 - (1 - x^a)^b, for a range in which
the results change faster towards one end (Snoek et al., 2014, "Input Warping for Bayesian Optimization").
The last two terms are the common mean and each rung's own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Rungs = NDArray[np.int64]

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
    θ holds a lengthscale for each hyperparameter, a and b for each ordered feature, the amplitude, the
    noise's variance, and the logit of ρ. centre, width: of θ's normal prior.
    """

    def __init__(self, group: NDArray[np.int64], ordered: NDArray[np.bool_]) -> None:
        self._group, self._bent = group, np.flatnonzero(ordered)
        scales, bends = int(group.max()) + 1 if len(group) else 0, len(self._bent)
        ends = np.cumsum([scales, bends, bends, 1, 1, 1])
        self._a, self._b = slice(ends[0], ends[1]), slice(ends[1], ends[2])
        self._scales, self._amplitude, self._noise, self._rho = slice(0, ends[0]), ends[2], ends[3], ends[4]
        # Distances grow with the number of hyperparameters (Hvarfner et al., 2024).
        scale = math.log(0.5 * math.sqrt(max(scales, 1) / 3))
        others = [0.0, math.log(1e-2), 2.0]
        self.centre = np.concatenate([np.full(scales, scale), np.zeros(2 * bends), others])
        self.width = np.concatenate([np.full(scales, 0.5), np.full(2 * bends, 0.6), [1.0, 1.5, 1.0]])
        self.low, self.high = self.centre - 3 * self.width, self.centre + 3 * self.width
        self.low[self._noise], self.high[self._noise] = math.log(1e-4), 0.0

    def noise(self, theta: Array) -> float:
        """The variance of a result about its own mean."""
        return math.exp(theta[self._noise])

    def variance(self, theta: Array) -> float:
        """Of any result, before anything was seen."""
        return math.exp(theta[self._amplitude]) + 2.0

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

    def _bend(self, theta: Array, features: Array) -> tuple[Array, Array, Array]:
        """Of the ordered features: x, x^a and (1 - x^a)^b, each of shape (n, bent features)."""
        x = np.clip(features[:, self._bent], _INSIDE, 1 - _INSIDE)
        power = x ** np.exp(theta[self._a])
        return x, power, np.exp(np.exp(theta[self._b]) * np.log1p(-power))

    def _lengthscales(self, theta: Array) -> Array:
        """Of each feature, shape (features,)."""
        return np.asarray(np.exp(theta[self._scales])[self._group])

    def between(self, theta: Array, x: Array, rungs: Rungs, others: Array, other_rungs: Rungs) -> Array:
        """The kernel of warped features x, shape (n, features), and others, (m, features): (n, m).

        rungs: shape (n,), or (1,) for one that all of x have.
        """
        lag = np.abs(rungs[:, None] - other_rungs[None])
        root = squared_distances(x, others)
        root *= 3
        np.sqrt(root, out=root)
        kernel = np.exp(theta[self._amplitude] - root)
        root += 1
        kernel *= root
        kernel *= self._decay(theta)[lag]
        kernel += 1.0
        kernel += lag == 0
        return np.asarray(kernel)

    def with_slopes(self, theta: Array, warped: Warped, rungs: Rungs) -> tuple[Array, Slopes]:
        """The kernel of points among themselves, noise included, and what its slopes need."""
        x = warped.values
        lag = np.abs(rungs[:, None] - rungs[None])
        root = np.sqrt(3 * squared_distances(x, x))
        steep = np.exp(theta[self._amplitude] - root) * self._decay(theta)[lag]
        shared = (1 + root) * steep
        kernel = shared + 1.0 + (lag == 0)
        kernel[np.diag_indices(len(x))] += self.noise(theta)
        return kernel, Slopes(warped, lag, shared, steep)

    def pull(self, theta: Array, weights: Array, slopes: Slopes) -> Array:
        """Σ weights · ∂kernel/∂θ over all pairs, for symmetric weights, shape (n, n): shape (constants,)."""
        found = np.empty_like(theta)
        warped, x = slopes.warped, slopes.warped.values
        by_distance = -1.5 * weights * slopes.steep  # the weight of each squared distance
        total = by_distance.sum(axis=1)[:, None]
        push = 2 * (total * x - by_distance @ x)  # of each feature, through its distances to all others
        by_feature = -2 * (push * x).sum(axis=0)
        found[self._scales] = np.bincount(self._group, by_feature, minlength=self._scales.stop)
        found[self._a] = 2 * (push * warped.by_a).sum(axis=0)[self._bent]
        found[self._b] = 2 * (push * warped.by_b).sum(axis=0)[self._bent]
        by_kernel = weights * slopes.shared
        found[self._amplitude] = by_kernel.sum()
        found[self._noise] = np.trace(weights) * self.noise(theta)
        found[self._rho] = (by_kernel * slopes.lag).sum() / (1 + math.exp(theta[self._rho]))
        return found

    def _decay(self, theta: Array) -> Array:
        """ρ to the power of each lag there can be."""
        return np.asarray((1 + math.exp(-theta[self._rho])) ** -np.arange(64.0))


@dataclass(frozen=True)
class Slopes:
    """Of one kernel matrix, each (n, n): lag of rungs, the part through ρ and M, and M's slope's part."""

    warped: Warped
    lag: NDArray[np.int64]
    shared: Array
    steep: Array


def squared_distances(x: Array, others: Array) -> Array:
    """Between the rows of two arrays, (n, features) and (m, features): shape (n, m), none below 0."""
    squares = (x * x).sum(axis=1)[:, None] + (others * others).sum(axis=1)[None]
    squares -= 2 * x @ others.T
    return np.asarray(np.maximum(squares, 0.0, out=squares))
