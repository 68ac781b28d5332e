"""A Gaussian process over configs and rungs (Rasmussen & Williams, 2006, chapters 2 and 5)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, lapack, solve_triangular
from scipy.optimize import minimize

from sweeps.surrogate.covariance import Covariance
from sweeps.surrogate.features import Features
from sweeps.surrogate.inputs import Inputs
from sweeps.surrogate.kernel import squared_distances
from sweeps.surrogate.posterior import Posterior

Array = NDArray[np.float64]

_STEPS = 40  # of the search for the constants, at most; to end it earlier costs: benchmarks/search/RESULTS.md
_JITTER = 1e-8  # of a variance: a trial that surely keeps its luck is the same result over again


class Process:
    """What was seen, and what it says of points that were not.

    rungs: how many there are. The constants of its covariance are the likeliest under their prior; each
    search for them starts where the last ended.
    """

    def __init__(self, features: Features, rungs: int) -> None:
        self._covariance = Covariance(features, rungs)
        self._theta = self._covariance.centre.copy()

    def fit(self, inputs: Inputs, targets: Array, *, learn: bool) -> None:
        """Replace what was seen by these results.

        targets: shape (n,). learn: whether to look for better constants; it takes most of the time.
        """
        if learn:
            self._learn(inputs, targets)
        self._seen = self._covariance.warped(self._theta, inputs)
        self._factor = np.linalg.cholesky(self._within(self._seen))
        self._weights = cho_solve((self._factor, True), targets)
        self._all, self._whole = self._seen, self._factor

    def fantasize(self, inputs: Inputs) -> None:
        """Take results of trials to be in, and as expected.

        As with `Posterior.fantasize`, no mean moves; here it is done for all at once. They take the place of
        those that were expected before.
        """
        x = self._covariance.warped(self._theta, inputs)
        cross = self._covariance.between(self._theta, x, self._seen).T
        solved = solve_triangular(self._factor, cross, lower=True, check_finite=False)
        rest = np.linalg.cholesky(self._within(x) - solved.T @ solved)
        self._whole = np.block([[self._factor, np.zeros_like(cross)], [solved.T, rest]])
        self._all = self._seen + x

    def posterior(self, inputs: Inputs) -> Posterior:
        """What is believed of results."""
        x = self._covariance.warped(self._theta, inputs)
        squares = squared_distances(x.features, self._all.features)
        nearest = np.sqrt(squares.min(axis=1))
        cross = self._covariance.between(self._theta, x, self._all, squares)
        explained = solve_triangular(self._whole, cross.T, lower=True, check_finite=False)
        return Posterior(
            cross[:, : len(self._seen)] @ self._weights,
            explained,
            self._covariance.variance(self._theta, x),
            lambda some: self._covariance.between(self._theta, some, some),
            x,
            nearest,
        )

    @property
    def relative_lengthscales(self) -> Array:
        """Of each hyperparameter, in units of the prior's median, shape (dimensions,).

        A long one says that it hardly matters.
        """
        return self._covariance.relative_lengthscales(self._theta)

    def mean(self, inputs: Inputs) -> Array:
        """The expected results: shape (n,)."""
        x = self._covariance.warped(self._theta, inputs)
        return np.asarray(self._covariance.between(self._theta, x, self._seen) @ self._weights)

    def _within(self, some: Inputs) -> Array:
        return _steadied(self._covariance.between(self._theta, some, some))

    def _learn(self, inputs: Inputs, targets: Array) -> None:
        """Searches in units of the prior's deviations, in which all constants' costs are about as steep."""
        centre, width = self._covariance.centre, self._covariance.width

        def cost(units: Array) -> tuple[float, Array]:
            cost, gradient = self._cost(centre + width * units, inputs, targets)
            return cost, gradient * width

        low, high = ((end - centre) / width for end in (self._covariance.low, self._covariance.high))
        found = minimize(
            cost,
            (self._theta - centre) / width,
            jac=True,
            method="L-BFGS-B",
            bounds=list(zip(low, high, strict=True)),
            options={"maxiter": _STEPS},
        )
        self._theta = np.clip(centre + width * found.x, self._covariance.low, self._covariance.high)

    def _cost(self, theta: Array, inputs: Inputs, targets: Array) -> tuple[float, Array]:
        """Minus the log posterior of the constants, and its gradient (equations 5.8 and 5.9)."""
        matrix, pull = self._covariance.with_pull(theta, inputs)
        # The transpose of a symmetric matrix is the same one as Fortran stores it, so that nothing is copied.
        factor, failed = lapack.dpotrf(_steadied(matrix).T, lower=1, overwrite_a=1)
        if failed:
            return 1e10, np.zeros_like(theta)
        weights = cho_solve((factor, True), targets)
        half, _ = lapack.dpotri(factor, lower=1)  # the other half is 0, as that of the factor
        inverse = half + half.T
        inverse.flat[:: len(inverse) + 1] /= 2  # the diagonal came twice
        off = (theta - self._covariance.centre) / self._covariance.width
        cost = 0.5 * targets @ weights + np.log(np.diag(factor)).sum() + 0.5 * off @ off
        inverse -= np.outer(weights, weights)
        gradient = 0.5 * pull(inverse)
        return float(cost), gradient + off / self._covariance.width


def _steadied(matrix: Array) -> Array:
    """The same array, with a little added on its diagonal, so that rounding leaves it positive."""
    matrix.flat[:: len(matrix) + 1] += _JITTER
    return matrix
