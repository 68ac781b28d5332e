"""A Gaussian process over configs and rungs (Rasmussen & Williams, 2006, chapters 2 and 5)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, lapack, solve_triangular
from scipy.optimize import minimize
from threadpoolctl import ThreadpoolController

from sweeps.surrogate.features import Features
from sweeps.surrogate.kernel import Kernel, Rungs
from sweeps.surrogate.posterior import Posterior

Array = NDArray[np.float64]

_STEPS = 20  # of the search for the constants; more changed nothing that could be measured


class Process:
    """What was seen, and what it says of points that were not.

    The constants of its kernel are the likeliest under their prior; each search starts where the last ended.
    """

    def __init__(self, features: Features) -> None:
        self._kernel = Kernel(features.group, features.ordered)
        self._theta = self._kernel.centre.copy()

    def see(self, features: Array, rungs: Rungs, targets: Array, *, learn: bool) -> None:
        """Replace what was seen by these results.

        features: shape (n, features). rungs: the index of the rung each was had at, shape (n,).
        targets: shape (n,). learn: whether to look for better constants; it takes most of the time.
        """
        with one_thread():
            if learn:
                self._learn(features, rungs, targets)
            self._seen = self._kernel.values(self._theta, features)
            self._rungs = rungs
            kernel = self._kernel.between(self._theta, self._seen, rungs, self._seen, rungs)
            kernel[np.diag_indices(len(targets))] += self._kernel.noise(self._theta)
            self._factor = np.linalg.cholesky(kernel)
            self._weights = cho_solve((self._factor, True), targets)
        self._all, self._all_rungs, self._whole = self._seen, rungs, self._factor

    def expect(self, features: Array, rung: int) -> None:
        """Take results of points of shape (n, features) at a rung to be in, and as foreseen.

        As with `Posterior.pretend`, no mean moves; here it is done for all at once. They take the place of
        those that were expected before.
        """
        with one_thread():
            x, rungs = self._kernel.values(self._theta, features), np.array([rung])
            cross = self._kernel.between(self._theta, x, rungs, self._seen, self._rungs).T
            solved = solve_triangular(self._factor, cross, lower=True, check_finite=False)
            rest = self._kernel.between(self._theta, x, rungs, x, rungs) - solved.T @ solved
            rest[np.diag_indices(len(x))] += self._kernel.noise(self._theta)
            self._whole = np.block(
                [[self._factor, np.zeros_like(cross)], [solved.T, np.linalg.cholesky(rest)]]
            )
            self._all = np.concatenate([self._seen, x])
            self._all_rungs = np.concatenate([self._rungs, rungs.repeat(len(x))])

    def foresee(self, features: Array, rung: int) -> Posterior:
        """The belief in results of points of shape (n, features) at a rung."""
        with one_thread():
            x = self._kernel.values(self._theta, features)
            rungs = np.array([rung])
            cross = self._kernel.between(self._theta, x, rungs, self._all, self._all_rungs)
            explained = solve_triangular(self._whole, cross.T, lower=True, check_finite=False)
            prior = lambda x: self._kernel.between(self._theta, x, rungs, x, rungs)  # noqa: E731
            return Posterior(
                cross[:, : len(self._seen)] @ self._weights,
                explained,
                self._kernel.variance(self._theta),
                self._kernel.noise(self._theta),
                prior,
                x,
                self._all,
            )

    def mean(self, features: Array, rung: int) -> Array:
        """The expected results of points of shape (n, features) at a rung: shape (n,)."""
        with one_thread():
            x = self._kernel.values(self._theta, features)
            rungs = np.array([rung])
            cross = self._kernel.between(self._theta, x, rungs, self._seen, self._rungs)
            return np.asarray(cross @ self._weights)

    def _learn(self, features: Array, rungs: Rungs, targets: Array) -> None:
        kernel = self._kernel
        bounds = list(zip(kernel.low, kernel.high, strict=True))
        found = minimize(
            self._cost,
            self._theta,
            args=(features, rungs, targets),
            jac=True,
            method="L-BFGS-B",
            bounds=bounds,
            options={"maxiter": _STEPS},
        )
        self._theta = found.x

    def _cost(self, theta: Array, features: Array, rungs: Rungs, targets: Array) -> tuple[float, Array]:
        """Minus the log posterior of the constants, and its gradient (equations 5.8 and 5.9)."""
        matrix, slopes = self._kernel.with_slopes(theta, self._kernel.warp(theta, features), rungs)
        factor, failed = lapack.dpotrf(matrix, lower=1)
        if failed:
            return 1e10, np.zeros_like(theta)
        weights = cho_solve((factor, True), targets)
        half, _ = lapack.dpotri(factor, lower=1)
        inverse = np.tril(half) + np.tril(half, -1).T
        off = (theta - self._kernel.centre) / self._kernel.width
        cost = 0.5 * targets @ weights + np.log(np.diag(factor)).sum() + 0.5 * off @ off
        gradient = 0.5 * self._kernel.pull(theta, inverse - np.outer(weights, weights), slopes)
        return float(cost), gradient + off / self._kernel.width


@lru_cache(maxsize=1)
def _controller() -> ThreadpoolController:
    return ThreadpoolController()


def one_thread() -> ThreadpoolController._ThreadpoolLimiter:
    """A context of one BLAS thread: matrices this small only wait for a second one."""
    return _controller().limit(limits=1)
