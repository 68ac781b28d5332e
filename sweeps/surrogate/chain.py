"""How results at different rungs vary together, if those of one rung do.

    cov(rung i, rung j) = s_i · s_j · Π ρ_k over the steps k from i to j

Each rung has a deviation s, near one that all share, and each step from a rung to the next a correlation ρ
between -1 and 1: where the first says nothing of the second it is near 0, and below it where what looks good
at the one is bad at the other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_OWN = 0.5  # deviation of a rung's part, a logarithm
_STEP, _STEP_WIDTH = 1.376, 0.6  # atanh of a correlation of 0.88; one below 0 is two deviations away
_LEAST_STEP, _MOST_STEP = -2.3, 3.0  # correlations of -0.98 and 0.995


@dataclass(frozen=True)
class Prior:
    """Of a chain's constants: normal with a centre and a width, within bounds, each of shape (constants,)."""

    centre: Array
    width: Array
    low: Array
    high: Array


@dataclass(frozen=True)
class Links:
    """A chain with its constants put in. table: the covariances of all pairs of rungs, shape (rungs, rungs).

    deviations: products of the two rungs' deviations, as the table. steps: correlations, shape (steps,).
    Where there are several chains, each array has one of them a row.
    """

    table: Array
    deviations: Array
    steps: Array

    @property
    def variance(self) -> Array:
        """At each rung, shape (rungs,)."""
        return np.asarray(np.diagonal(self.table, axis1=-2, axis2=-1))


class Chain:
    """The form of such covariances. rungs: how many there are.

    Its constants θ are the logarithms of the shared variance and of each rung's part of it, and atanh ρ of
    each step.
    """

    def __init__(self, rungs: int) -> None:
        self.rungs, steps = rungs, rungs - 1
        pair = np.indices((rungs, rungs))
        between = np.arange(steps)[:, None, None]
        # By step, which pairs of rungs it lies between: shape (steps, rungs, rungs).
        self._across = (pair.min(axis=0) <= between) & (between < pair.max(axis=0))
        self._one = np.eye(steps, dtype=bool)

    def prior(self, variance: float, width: float, least: float, most: float) -> Prior:
        """variance, width: of the shared variance, the median and the deviation of its logarithm.
        least, most: its bounds."""
        rungs, steps = self.rungs, self.rungs - 1
        return Prior(
            centre=np.array([np.log(variance), *[0.0] * rungs, *[_STEP] * steps]),
            width=np.array([width, *[_OWN] * rungs, *[_STEP_WIDTH] * steps]),
            low=np.array([np.log(least), *[-3 * _OWN] * rungs, *[_LEAST_STEP] * steps]),
            high=np.array([np.log(most), *[3 * _OWN] * rungs, *[_MOST_STEP] * steps]),
        )

    def links(self, theta: Array) -> Links:
        """The chain of constants of shape (…, constants): as many as there are rows of them."""
        own = np.exp(0.5 * (theta[..., :1] + theta[..., 1 : 1 + self.rungs]))
        deviations = own[..., :, None] * own[..., None, :]
        steps = np.tanh(theta[..., 1 + self.rungs :])
        return Links(deviations * self._products(steps), deviations, steps)

    def pull(self, links: Links, weights: Array) -> Array:
        """Σ weights · ∂table/∂θ, shape (…, constants), for weights of the shape of the table."""
        each, steps = links.table * weights, links.steps
        own = 0.5 * (each.sum(axis=-1) + each.sum(axis=-2))
        with_one_slope = np.where(self._one, (1 - steps**2)[..., None, :], steps[..., None, :])
        by_step = np.where(self._across, self._products(with_one_slope), 0.0)
        by_step *= (links.deviations * weights)[..., None, :, :]
        return np.concatenate([own.sum(axis=-1, keepdims=True), own, by_step.sum(axis=(-2, -1))], axis=-1)

    def _products(self, steps: Array) -> Array:
        """Π ρ between all pairs of rungs, for steps of shape (…, steps): (…, rungs, rungs)."""
        return np.asarray(np.where(self._across, steps[..., None, None], 1.0).prod(axis=-3))
