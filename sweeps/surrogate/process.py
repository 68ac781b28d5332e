"""A Gaussian process over configs and rungs (Rasmussen & Williams, 2006, chapters 2 and 5)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack
from scipy.optimize import minimize

from sweeps.surrogate.covariance import Covariance, Known
from sweeps.surrogate.features import Features
from sweeps.surrogate.inputs import Inputs
from sweeps.surrogate.kernel import roots
from sweeps.surrogate.likelihood import JITTER, Likelihood
from sweeps.surrogate.posterior import Posterior
from sweeps.surrogate.triangle import bordered, solved

Array = NDArray[np.float64]

_STEPS = 40  # of the search for the constants, at most; to end it earlier costs: benchmarks/search/RESULTS.md


class Process:
    """What was seen, and what it says of points that were not.

    rungs: how many there are. earlier: how many earlier sweeps results may come from. The constants of its
    covariance are the likeliest under their prior; each search for them starts where the last ended.
    """

    def __init__(self, features: Features, rungs: int, earlier: int = 0) -> None:
        self._covariance = Covariance(features, rungs, earlier)
        self._theta = self._covariance.centre.copy()
        self._known = Known(self._covariance, self._theta)
        nothing = np.empty(0, dtype=np.int64)
        # What was seen: as it was given, and warped; and the factor of its covariance.
        self._inputs = self._seen = Inputs(np.empty((0, len(features.group))), nothing, nothing)
        self._factor = np.empty((0, 0), order="F")

    def fit(self, inputs: Inputs, targets: Array, *, learn: bool) -> None:
        """Replace what was seen by these results.

        Where they are those before and some more, and the constants stay, only these are worked out.

        targets: shape (n,). learn: whether to look for better constants; it takes most of the time.
        """
        if learn:
            self._learn(inputs, targets)
        if (self._known.theta != self._theta).any():
            self._known = Known(self._covariance, self._theta)
            self._forget(inputs)
        if not self._inputs.begins(inputs):
            self._forget(inputs)
        more = self._known.warped(inputs[len(self._seen) :])
        self._factor = self._with(more) if len(more) else self._factor
        self._inputs, self._seen = inputs, self._seen + more
        self._weights = lapack.dpotrs(self._factor, targets, lower=1)[0]
        self._all, self._whole = self._seen, self._factor

    def fantasize(self, inputs: Inputs) -> None:
        """Take results of trials to be in, and as expected.

        As with `Posterior.fantasize`, no mean moves; here it is done for all at once. They take the place of
        those that were expected before.
        """
        x = self._known.warped(inputs)
        self._all, self._whole = self._seen + x, self._with(x)

    def posterior(self, inputs: Inputs) -> Posterior:
        """What is believed of results."""
        x = self._known.warped(inputs)
        root = roots(x.features, self._all.features)
        nearest = root.min(axis=1) / np.sqrt(3)
        cross = self._known.between(x, self._all, root)
        mean = cross[:, : len(self._seen)] @ self._weights
        explained = solved(self._whole, cross)
        variance = self._known.variance(x) - np.einsum("ij,ij->i", explained, explained)
        return Posterior(mean, explained, variance, self._known.between, x, nearest)

    @property
    def relative_lengthscales(self) -> Array:
        """Of each hyperparameter, in units of the prior's median, shape (dimensions,).

        A long one says that it hardly matters.
        """
        return self._known.relative_lengthscales

    @property
    def worth(self) -> Array:
        """How alike each earlier sweep's results are to this one's, from 0 to 1, shape (earlier,)."""
        return self._known.worth

    def mean(self, inputs: Inputs) -> Array:
        """The expected results: shape (n,)."""
        return np.asarray(self._known.between(self._known.warped(inputs), self._seen) @ self._weights)

    def _with(self, more: Inputs) -> Array:
        """The factor of what was seen and more, warped inputs both."""
        within = self._known.between(more, more)
        within.flat[:: len(within) + 1] += JITTER
        return bordered(self._factor, self._known.between(more, self._seen), within)

    def _forget(self, inputs: Inputs) -> None:
        """Of these inputs, none has been seen."""
        self._inputs = self._seen = inputs[:0]
        self._factor = np.empty((0, 0), order="F")

    def _learn(self, inputs: Inputs, targets: Array) -> None:
        """Searches in units of the prior's deviations, in which all constants' costs are about as steep."""
        centre, width = self._covariance.centre, self._covariance.width
        likelihood = Likelihood(self._covariance, inputs, targets)

        def cost(units: Array) -> tuple[float, Array]:
            cost, gradient = likelihood(centre + width * units)
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
