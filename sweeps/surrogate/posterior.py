"""What is believed of the results of a fixed set of points."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from sweeps.surrogate.inputs import Inputs

Array = NDArray[np.float64]

_LEAST = 1e-12  # of a variance, which rounding may take below 0


class Posterior:
    """Expectation and deviation of each point's result, luck included, and how they are tied.

    mean: shape (n,). explained: what the results seen explain, shape (n, seen): the covariance of two
    points is their prior one minus the product of their rows. variance: what is left of each, shape (n,).
    prior: gives the prior covariances of inputs with others, shape (n, m).
    points: n inputs, warped such that a lengthscale is 1.
    nearest: how far each is from the nearest that was seen, in lengthscales, shape (n,).
    """

    def __init__(
        self,
        mean: Array,
        explained: Array,
        variance: Array,
        prior: Callable[[Inputs, Inputs], Array],
        points: Inputs,
        nearest: Array,
    ) -> None:
        self.mean = mean
        self._explained, self._pretended, self._rows = explained, np.empty((1, len(mean))), 0
        self._prior, self._points, self.nearest = prior, points, nearest
        self._variance = np.maximum(variance, _LEAST)

    @classmethod
    def of_all(cls, parts: Sequence[Posterior]) -> Posterior:
        """Of the points of several, one after the other; by the same results, and nothing pretended."""
        return cls(
            np.concatenate([part.mean for part in parts]),
            np.concatenate([part._explained for part in parts]),
            np.concatenate([part._variance for part in parts]),
            parts[0]._prior,
            sum((part._points for part in parts[1:]), parts[0]._points),
            np.concatenate([part.nearest for part in parts]),
        )

    @property
    def deviation(self) -> Array:
        """Of what will be seen of each point, shape (n,)."""
        return np.asarray(np.sqrt(self._variance))

    def combined(self, weights: Array) -> tuple[Array, Array]:
        """Expectations and deviations of weighted sums of what the configs give, luck left out.

        weights: shape (k, n), one row a sum. Both are of shape (k,). All points must be of new trials.
        """
        explained = [weights @ self._explained, weights @ self._pretended[: self._rows].T]
        prior = ((weights @ self._prior(self._points, self._points)) * weights).sum(axis=1)
        variance = np.maximum(prior - sum((part * part).sum(axis=1) for part in explained), _LEAST)
        return weights @ self.mean, np.asarray(np.sqrt(variance))

    def fantasize(self, i: int) -> None:
        """Take the i-th point's result to be in, and as expected: no mean moves, and what is near it
        becomes more certain (the kriging believer of Ginsbourger et al., 2010)."""
        pretended, one = self._pretended[: self._rows], self._points[i : i + 1]
        covariance = self._prior(one, self._points)[0]
        covariance -= self._explained @ self._explained[i]
        covariance -= pretended[:, i] @ pretended
        row = covariance / np.sqrt(self._variance[i])
        if self._rows == len(self._pretended):
            self._pretended = np.concatenate([pretended, np.empty_like(pretended)])
        self._pretended[self._rows] = row
        self._rows += 1
        self._variance = np.maximum(self._variance - row * row, _LEAST)

    def keep(self, which: NDArray[np.bool_] | NDArray[np.int64]) -> None:
        """Forget the other points."""
        self.mean, self._variance = self.mean[which], self._variance[which]
        self._points, self.nearest = self._points[which], self.nearest[which]
        self._explained, self._pretended = self._explained[which], self._pretended[:, which]

    def distance(self, i: int) -> Array:
        """From each point to the i-th, in lengthscales: shape (n,)."""
        x = self._points.features
        return np.asarray(np.linalg.norm(x - x[i], axis=1))
