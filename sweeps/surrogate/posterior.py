"""What is believed of the results of a fixed set of points."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sweeps.surrogate.inputs import Inputs

Array = NDArray[np.float64]

_LEAST = 1e-12  # of a variance, which rounding may take below 0


class Posterior:
    """Expectation and deviation of each point's result, luck included, and how they are tied.

    mean: shape (n,). explained: what the results seen explain, shape (seen, n): the covariance of two
    points is their prior one minus the product of their columns. variance: the prior one of each, shape (n,).
    prior: gives the prior covariances of inputs, shape (n, n), asked for once they are needed.
    points: n inputs, warped such that a lengthscale is 1.
    nearest: how far each is from the nearest that was seen, in lengthscales, shape (n,).
    """

    def __init__(
        self,
        mean: Array,
        explained: Array,
        variance: Array,
        prior: Callable[[Inputs], Array],
        points: Inputs,
        nearest: Array,
    ) -> None:
        self.mean = mean
        self._explained, self._rows = np.ascontiguousarray(explained), len(explained)
        self._prior, self._points, self.nearest = prior, points, nearest
        self._ties: Array | None = None
        self._variance = np.maximum(variance - (explained * explained).sum(axis=0), _LEAST)

    @property
    def deviation(self) -> Array:
        """Of what will be seen of each point, shape (n,)."""
        return np.asarray(np.sqrt(self._variance))

    def combined(self, weights: Array) -> tuple[Array, Array]:
        """Expectations and deviations of weighted sums of what the configs give, luck left out.

        weights: shape (k, n), one row a sum. Both are of shape (k,). All points must be of new trials.
        """
        explained = self._explained[: self._rows] @ weights.T
        prior = ((weights @ self._prior(self._points)) * weights).sum(axis=1)
        variance = np.maximum(prior - (explained * explained).sum(axis=0), _LEAST)
        return weights @ self.mean, np.asarray(np.sqrt(variance))

    def fantasize(self, i: int) -> None:
        """Take the i-th point's result to be in, and as expected: no mean moves, and what is near it
        becomes more certain (the kriging believer of Ginsbourger et al., 2010)."""
        explained = self._explained[: self._rows]
        if self._ties is None:
            self._ties = self._prior(self._points)
        covariance = self._ties[i] - explained.T @ explained[:, i]
        row = covariance / np.sqrt(self._variance[i])
        if self._rows == len(self._explained):
            self._explained = np.concatenate([explained, np.empty_like(explained)])
        self._explained[self._rows] = row
        self._rows += 1
        self._variance = np.maximum(self._variance - row * row, _LEAST)

    def keep(self, which: NDArray[np.bool_] | NDArray[np.int64]) -> None:
        """Forget the other points."""
        self.mean, self._variance = self.mean[which], self._variance[which]
        self._points, self.nearest = self._points[which], self.nearest[which]
        self._explained = self._explained[: self._rows, which]
        self._ties = None if self._ties is None else self._ties[which][:, which]

    def distance(self, i: int) -> Array:
        """From each point to the i-th, in lengthscales: shape (n,)."""
        x = self._points.features
        return np.asarray(np.linalg.norm(x - x[i], axis=1))
