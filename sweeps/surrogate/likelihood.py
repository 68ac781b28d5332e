"""How likely constants are, given results, and in which direction they would be likelier."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import blas, lapack

from sweeps.surrogate.chain import Links
from sweeps.surrogate.covariance import Covariance, spread
from sweeps.surrogate.inputs import Inputs
from sweeps.surrogate.kernel import Warped, matern, roots
from sweeps.surrogate.triangle import inverse

Array = NDArray[np.float64]

JITTER = 1e-8  # of a variance: a trial that surely keeps its luck is the same result over again
_IMPOSSIBLE = 1e10


class Likelihood:
    """The cost of constants: minus the logarithm of their posterior, up to a sum that is the same for all.

    covariance: its form. inputs, targets: n results. A search asks dozens of times: what does not change
    with the constants is found once, and the large arrays are made once.
    """

    def __init__(self, covariance: Covariance, inputs: Inputs, targets: Array) -> None:
        self._covariance, self._targets, self._rungs = covariance, targets, inputs.rungs
        self._shape = covariance.means.shape
        self._at = np.eye(covariance.chain.rungs)[inputs.rungs]  # (n, rungs)
        self._raw = covariance.kernel.raw(inputs.features)
        self._same = np.nonzero(inputs.same(inputs))  # pairs of one trial
        self._pairs = np.ravel_multi_index(tuple(inputs.rungs[which] for which in self._same), self._shape)
        self._means = spread(covariance.means, inputs.rungs, inputs.rungs)
        self._sources = inputs.sources
        self._of_source = np.eye(covariance.sources.count)[inputs.sources]  # (n, sources)
        if covariance.sources.count > 1:
            self._means = self._means * (inputs.sources[:, None] == inputs.sources)
        self._matrix, self._alike, self._steep, self._tied = np.empty((4, len(targets), len(targets)))

    def __call__(self, theta: Array) -> tuple[float, Array]:
        """The cost, and its gradient (Rasmussen & Williams, 2006, equations 5.8 and 5.9)."""
        warped, links = self._put_in(theta)
        # The transpose of a symmetric matrix is the same one as Fortran stores it, so that nothing is copied.
        factor, failed = lapack.dpotrf(self._matrix.T, lower=1, overwrite_a=1)
        if failed:
            return _IMPOSSIBLE, np.zeros_like(theta)
        solved, _ = lapack.dpotrs(factor, self._targets, lower=1)
        off = (theta - self._covariance.centre) / self._covariance.width
        cost = 0.5 * self._targets @ solved + np.log(factor.diagonal()).sum() + 0.5 * off @ off
        gradient = self._pull(theta, _weights(factor, solved), warped, links)
        return float(cost), gradient + off / self._covariance.width

    def matrix(self, theta: Array) -> Array:
        """The covariances of the results, shape (n, n), with a little added on the diagonal, so that rounding
        leaves them positive. The next call overwrites them."""
        self._put_in(theta)
        return self._matrix

    def _put_in(self, theta: Array) -> tuple[Warped, Links]:
        """Find the covariances, and what they are made of."""
        kernel, chains, shares = self._covariance.split(theta)
        warped, links = self._covariance.kernel.warp(kernel, self._raw), self._covariance.chain.links(chains)
        roots(warped.values, warped.values, out=self._alike)
        matern(self._alike, self._steep)
        configs, luck = links.table
        across = configs.take(self._rungs, axis=1)
        across.take(self._rungs, axis=0, out=self._tied, mode="clip")  # the mode that needs no copy
        self._shared = self._covariance.sources.table(shares)
        if len(self._shared) > 1:
            self._alike *= spread(self._shared, self._sources, self._sources)
            self._steep *= spread(self._shared, self._sources, self._sources)
        np.multiply(self._tied, self._alike, out=self._matrix)
        self._matrix += self._means
        self._matrix[self._same] += luck.ravel()[self._pairs]
        self._matrix.flat[:: len(self._matrix) + 1] += JITTER
        return warped, links

    def _pull(self, theta: Array, weights: Array, warped: Warped, links: Links) -> Array:
        """Σ weights · ∂cov/∂θ, shape (constants,); weights: symmetric or not, shape (n, n)."""
        by_luck = np.bincount(self._pairs, weights[self._same], minlength=self._covariance.means.size)
        self._alike *= weights
        by_configs = self._at.T @ (self._alike @ self._at)
        by_sources = self._by_sources() if len(self._shared) > 1 else np.ones((1, 1))
        by_chain = np.stack([by_configs, by_luck.reshape(self._shape)])
        self._tied *= weights
        self._tied *= self._steep
        kernel, _, shares = self._covariance.split(theta)
        by_kernel = self._covariance.kernel.pull(kernel, self._tied, warped)
        by_share = self._covariance.sources.pull(shares, by_sources)
        return np.concatenate([by_kernel, self._covariance.chain.pull(links, by_chain).ravel(), by_share])

    def _by_sources(self) -> Array:
        """Σ weights · C · M over the pairs of each two sweeps, shape (sources, sources)."""
        whole = self._of_source.T @ ((self._alike * self._tied) @ self._of_source)
        return np.asarray(whole / np.where(self._shared > 0, self._shared, 1.0))


def _weights(factor: Array, solved: Array) -> Array:
    """What the cost changes by with each covariance. These are symmetric, so that half of the inverse is
    enough."""
    half = inverse(factor)
    half.T.flat[:: len(half) + 1] /= 2  # the diagonal would come twice
    return np.asarray(blas.dger(-0.5, solved, solved, a=half, overwrite_a=1).T)
