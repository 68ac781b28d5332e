"""How results vary together: by their configs, by their trials' luck, and by their rungs.

    cov = C[r, r'] · M(x, x') + L[r, r'] · [same trial] + 1 + [r = r']

for results at rungs r and r' of configs with features x and x'. M is the kernel of configs; C and L are
chains over the rungs, of what a config gives on average and of a trial's luck about it, such as its initial
weights. Where the steps of L are near 1 a trial keeps its luck: going on with it draws no other, a new trial
does. The last two terms are the common mean and each rung's own.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sweeps.surrogate.chain import Chain
from sweeps.surrogate.features import Features
from sweeps.surrogate.inputs import NEW, Indices, Inputs
from sweeps.surrogate.kernel import Kernel, squared_distances

Array = NDArray[np.float64]


class Covariance:
    """The form of it; its constants are a vector θ, the kernel's, then those of C and of L.

    rungs: how many there are. centre, width: of θ's normal prior, low, high: its bounds, each of shape
    (constants,).
    """

    def __init__(self, features: Features, rungs: int) -> None:
        self._kernel = Kernel(features.group, features.ordered)
        self._configs = Chain(rungs, variance=1.0, width=1.0, least=0.05, most=20.0)
        self._luck = Chain(rungs, variance=1e-2, width=1.5, least=1e-4, most=1.0)
        self._means = 1.0 + np.eye(rungs)
        parts = (self._kernel, self._configs, self._luck)
        self.centre = np.concatenate([part.centre for part in parts])
        self.width = np.concatenate([part.width for part in parts])
        self.low = np.concatenate([part.low for part in parts])
        self.high = np.concatenate([part.high for part in parts])
        self._ends = np.cumsum([len(part.centre) for part in parts])[:-1]

    def warped(self, theta: Array, inputs: Inputs) -> Inputs:
        """The same inputs with features in which a lengthscale is 1."""
        kernel, _, _ = self.split(theta)
        return Inputs(self._kernel.values(kernel, inputs.features), inputs.rungs, inputs.trials)

    def variance(self, theta: Array, inputs: Inputs) -> Array:
        """Of each result before anything was seen, shape (n,)."""
        _, configs, luck = self.split(theta)
        each = self._configs.variance(configs) + self._luck.variance(luck) + np.diag(self._means)
        return np.asarray(each[inputs.rungs])

    def between(self, theta: Array, some: Inputs, others: Inputs, squares: Array | None = None) -> Array:
        """Covariances of warped inputs, shape (n, m). A new trial's luck is tied to nothing.

        squares: the squared distances of their features, where they are known; they are overwritten.
        """
        _, configs, luck = self.split(theta)
        if squares is None:
            squares = squared_distances(some.features, others.features)
        found = self._kernel.between(squares)
        rungs = _few(some.rungs)
        found *= _spread(self._configs.table(configs), rungs, others.rungs)
        found += _spread(self._means, rungs, others.rungs)
        if (some.trials != NEW).any():
            found += np.where(some.same(others), _spread(self._luck.table(luck), rungs, others.rungs), 0.0)
        return found

    def with_pull(self, theta: Array, inputs: Inputs) -> tuple[Array, Callable[[Array], Array]]:
        """Covariances of inputs (not warped) among themselves, shape (n, n), and how θ changes them.

        That is a function of symmetric weights, shape (n, n): Σ weights · ∂cov/∂θ, shape (constants,).
        """
        kernel, configs, luck = self.split(theta)
        warped, same = self._kernel.warp(kernel, inputs.features), inputs.same(inputs)
        alike, steep = self._kernel.with_slope(warped.values)
        rungs = inputs.rungs
        tied = _spread(self._configs.table(configs), rungs, rungs)
        found = tied * alike
        found += _spread(self._means, rungs, rungs)
        lucky = _spread(self._luck.table(luck), rungs, rungs)
        lucky *= same
        found += lucky
        at = np.eye(self._configs.rungs)[rungs]  # (n, rungs)

        def pull(weights: Array) -> Array:
            steeper = weights * tied
            steeper *= steep
            by_kernel = self._kernel.pull(kernel, steeper, warped)
            by_configs = np.tensordot(self._configs.slopes(configs), at.T @ (weights * alike) @ at, 2)
            by_luck = np.tensordot(self._luck.slopes(luck), at.T @ (weights * same) @ at, 2)
            return np.concatenate([by_kernel, by_configs, by_luck])

        return found, pull

    def relative_lengthscales(self, theta: Array) -> Array:
        """Of each hyperparameter, in units of the prior's median, shape (dimensions,)."""
        return self._kernel.relative_lengthscales(self.split(theta)[0])

    def split(self, theta: Array) -> tuple[Array, Array, Array]:
        """The constants of the kernel, of C and of L."""
        kernel, configs, luck = np.split(theta, self._ends)
        return kernel, configs, luck


def _spread(table: Array, some: Indices, others: Indices) -> Array:
    """A table of rungs for all pairs of results at those rungs, shape (n, m)."""
    return np.asarray(table.take(others, axis=1).take(some, axis=0))


def _few(rungs: Indices) -> Indices:
    """One rung for all, where they are the same: one row of pairs then does for n."""
    return rungs[:1] if (rungs == rungs[:1]).all() else rungs
