"""What is believed of the results of a fixed set of points."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_LEAST = 1e-12  # of a variance, which rounding may take below 0


class Posterior:
    """Expectation and deviation of each point's result, noise left out, and how they are tied.

    mean: shape (n,). explained: what the results seen explain, shape (seen, n): the covariance of two
    points is their prior one minus the product of their columns. prior: the prior covariances of all points
    with the i-th, shape (n,). variance, noise: of any result, before and after its config is known.
    """

    def __init__(
        self,
        mean: Array,
        explained: Array,
        variance: float,
        noise: float,
        prior: Callable[[int], Array],
    ) -> None:
        self.mean = mean
        self._explained, self._prior, self._noise = explained, prior, noise
        self._variance = np.maximum(variance - (explained * explained).sum(axis=0), _LEAST)

    @property
    def deviation(self) -> Array:
        """Of each point's expectation, shape (n,)."""
        return np.asarray(np.sqrt(self._variance))

    @property
    def seen_deviation(self) -> Array:
        """Of what will be seen of each point, noise included, shape (n,)."""
        return np.asarray(np.sqrt(self._variance + self._noise))

    def pretend(self, i: int) -> None:
        """Take the i-th point's result to be in, and as expected: no mean moves, and what is near it
        becomes more certain (the kriging believer of Ginsbourger et al., 2010)."""
        covariance = self._prior(i) - self._explained.T @ self._explained[:, i]
        row = covariance / np.sqrt(self._variance[i] + self._noise)
        self._explained = np.vstack([self._explained, row])
        self._variance = np.maximum(self._variance - row * row, _LEAST)
