"""How results vary together: by their configs, by their trials' luck, and by their rungs.

    cov = T[s, s'] · C[r, r'] · M(x, x') + L[r, r'] · [same trial] + [s = s'] · (1 + [r = r'])

for results of sweeps s and s' at rungs r and r' of configs with features x and x'. M is the kernel of
configs; C and L are chains over the rungs, of what a config gives on average and of a trial's luck about it,
such as its initial weights. Where the steps of L are near 1 a trial keeps its luck: going on with it draws no
other, a new trial does. The last two terms are the common mean and each rung's own. T ties this sweep's
results to those of earlier ones (`sources.py`); where there are none, it is 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sweeps.surrogate.chain import Chain
from sweeps.surrogate.features import Features
from sweeps.surrogate.inputs import NEW, Indices, Inputs
from sweeps.surrogate.kernel import Kernel, matern, roots
from sweeps.surrogate.sources import Sources

Array = NDArray[np.float64]


class Covariance:
    """The form of it; its constants are a vector θ, the kernel's, then those of C, of L and of T.

    kernel, chain, sources: the forms of M, of C and L, and of T. means: the last two terms, of one sweep,
    shape (rungs, rungs). rungs: how many there are. earlier: how many earlier sweeps.
    centre, width: of θ's normal prior, low, high: its bounds, each of shape
    (constants,).
    """

    def __init__(self, features: Features, rungs: int, earlier: int = 0) -> None:
        self.kernel, self.chain = Kernel(features.group, features.ordered), Chain(rungs)
        self.sources = Sources(1 + earlier)
        self.means = 1.0 + np.eye(rungs)
        configs = self.chain.prior(variance=1.0, width=1.0, least=0.05, most=20.0)
        luck = self.chain.prior(variance=1e-2, width=1.5, least=1e-4, most=1.0)
        parts = (self.kernel, configs, luck, self.sources.prior())
        self.centre = np.concatenate([part.centre for part in parts])
        self.width = np.concatenate([part.width for part in parts])
        self.low = np.concatenate([part.low for part in parts])
        self.high = np.concatenate([part.high for part in parts])
        self._first, self._last = len(self.kernel.centre), len(self.centre) - len(parts[-1].centre)

    def split(self, theta: Array) -> tuple[Array, Array, Array]:
        """The constants of the kernel, those of C and of L in two rows, and those of T."""
        return theta[: self._first], theta[self._first : self._last].reshape(2, -1), theta[self._last :]


class Known:
    """A covariance whose constants are known. theta: these, as they were when they became so."""

    def __init__(self, covariance: Covariance, theta: Array) -> None:
        self.theta = theta.copy()
        self._kernel, self._means = covariance.kernel, covariance.means
        self._scales, chains, shares = covariance.split(self.theta)
        links = covariance.chain.links(chains)
        self._configs, self._luck = links.table
        self._sources = covariance.sources.table(shares)
        configs, luck = links.variance
        self._variance = np.outer(self._sources.diagonal(), configs) + luck + np.diag(self._means)

    def warped(self, inputs: Inputs) -> Inputs:
        """The same inputs with features in which a lengthscale is 1."""
        features = self._kernel.values(self._scales, inputs.features)
        return Inputs(features, inputs.rungs, inputs.trials, inputs.sources)

    def variance(self, inputs: Inputs) -> Array:
        """Of each result before anything was seen, shape (n,)."""
        return np.asarray(self._variance[inputs.sources, inputs.rungs])

    def between(self, some: Inputs, others: Inputs, root: Array | None = None) -> Array:
        """Covariances of warped inputs, shape (n, m). A new trial's luck is tied to nothing.

        root: the `roots` of their features, where they are known; they are overwritten.
        """
        found = matern(roots(some.features, others.features) if root is None else root)
        rungs = _few(some.rungs)
        found *= spread(self._configs, rungs, others.rungs)
        means = spread(self._means, rungs, others.rungs)
        if len(self._sources) > 1:
            sources = _few(some.sources)
            found *= spread(self._sources, sources, others.sources)
            means = means * (sources[:, None] == others.sources)
        found += means
        if (some.trials != NEW).any():
            i, j = np.nonzero(some.same(others))
            found[i, j] += self._luck[some.rungs[i], others.rungs[j]]
        return found

    @property
    def worth(self) -> Array:
        """How alike each earlier sweep's results are to this one's, from 0 to 1, shape (earlier,)."""
        return np.asarray(self._sources[0, 1:] / np.sqrt(self._sources[0, 0]))

    @property
    def relative_lengthscales(self) -> Array:
        """Of each hyperparameter, in units of the prior's median, shape (dimensions,)."""
        return self._kernel.relative_lengthscales(self._scales)


def spread(table: Array, some: Indices, others: Indices) -> Array:
    """A table of rungs for all pairs of results at those rungs, shape (n, m)."""
    return np.asarray(table.take(others, axis=1).take(some, axis=0))


def _few(rungs: Indices) -> Indices:
    """One rung for all, where they are the same: one row of pairs then does for n."""
    return rungs[:1] if (rungs == rungs[:1]).all() else rungs
