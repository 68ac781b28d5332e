"""How results at different rungs vary together, if those of one rung do.

    cov(rung i, rung j) = s_i · s_j · Π ρ_k over the steps k from i to j

Each rung has a deviation s, near one that all share, and each step from a rung to the next a correlation ρ
between -1 and 1: where the first says nothing of the second it is near 0, and below it where what looks good
at the one is bad at the other.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_OWN = 0.5  # deviation of a rung's part, a logarithm
_STEP, _STEP_WIDTH = 1.376, 0.6  # atanh of a correlation of 0.88; one below 0 is two deviations away
_LEAST_STEP, _MOST_STEP = -2.3, 3.0  # correlations of -0.98 and 0.995


class Chain:
    """The form of such covariances.

    Its constants θ are the logarithms of the shared variance and of each rung's part of it, and atanh ρ of
    each step. centre, width: of θ's normal prior, low, high: its bounds, each of shape (constants,).
    rungs: how many. variance, width: of the shared variance's prior, the median and the deviation of its
    logarithm. least, most: its bounds.
    """

    def __init__(self, rungs: int, variance: float, width: float, least: float, most: float) -> None:
        self.rungs, steps = rungs, rungs - 1
        pair = np.indices((rungs, rungs))
        between = np.arange(steps)[:, None, None]
        # By step, which pairs of rungs it lies between: shape (steps, rungs, rungs).
        self._across = (pair.min(axis=0) <= between) & (between < pair.max(axis=0))
        self.centre = np.array([np.log(variance), *[0.0] * rungs, *[_STEP] * steps])
        self.width = np.array([width, *[_OWN] * rungs, *[_STEP_WIDTH] * steps])
        self.low = np.array([np.log(least), *[-3 * _OWN] * rungs, *[_LEAST_STEP] * steps])
        self.high = np.array([np.log(most), *[3 * _OWN] * rungs, *[_MOST_STEP] * steps])

    def variance(self, theta: Array) -> Array:
        """At each rung, shape (rungs,)."""
        return np.asarray(np.exp(theta[0] + theta[1 : 1 + self.rungs]))

    def table(self, theta: Array) -> Array:
        """Covariances of all pairs of rungs, shape (rungs, rungs)."""
        return self._deviations(theta) * self._products(np.tanh(theta[1 + self.rungs :]))

    def slopes(self, theta: Array) -> Array:
        """Of the table in each constant, shape (constants, rungs, rungs)."""
        table, rungs = self.table(theta), np.eye(self.rungs)
        own = 0.5 * (rungs[:, :, None] + rungs[:, None, :]) * table
        steps = np.tanh(theta[1 + self.rungs :])
        with_one_slope = np.where(np.eye(len(steps), dtype=bool), 1 - steps**2, steps)
        by_step = self._deviations(theta) * np.where(self._across, self._products(with_one_slope), 0.0)
        return np.concatenate([table[None], own, by_step])

    def _deviations(self, theta: Array) -> Array:
        deviation = np.sqrt(self.variance(theta))
        return np.asarray(deviation[:, None] * deviation)

    def _products(self, steps: Array) -> Array:
        """Π ρ between all pairs of rungs, for steps of shape (…, steps): (…, rungs, rungs)."""
        return np.asarray(np.where(self._across, steps[..., None, None], 1.0).prod(axis=-3))
