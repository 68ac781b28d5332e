"""How alike the results of several sweeps are: of this one, and of earlier ones that it may learn from.

    T = [[σ², σ ρ_i], [σ ρ_i, ρ_i ρ_j + [i = j] (1 - ρ_i²)]]

What a config gives in an earlier sweep i is ρ_i times what it gives in this one, and something of that
sweep's own: one factor for all (Bonilla et al., 2007, "Multi-task Gaussian Process Prediction", with a matrix
of rank one). Where an earlier sweep misleads, ρ_i comes near 0, and it says nothing. σ is the scale of this
sweep's results: they are scaled by their own spread, which is small while they are few and all are good.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sweeps.surrogate.chain import Prior

Array = NDArray[np.float64]

_RHO, _RHO_WIDTH = 1.0, 0.6  # atanh of a correlation of 0.76
_LEAST_RHO, _MOST_RHO = 0.01, 2.65  # above 0, where nothing would say which way is up; of 0.99
_SCALE_WIDTH = 0.5  # of log σ


class Sources:
    """The form of T. count: how many sweeps there are, this one included.

    Its constants θ are log σ and atanh ρ of each earlier sweep; none where there are no earlier ones.
    """

    def __init__(self, count: int) -> None:
        self.count = count

    def prior(self) -> Prior:
        earlier = self.count - 1
        if not earlier:
            return Prior(*np.empty((4, 0)))
        return Prior(
            centre=np.array([0.0, *[_RHO] * earlier]),
            width=np.array([_SCALE_WIDTH, *[_RHO_WIDTH] * earlier]),
            low=np.array([-2 * _SCALE_WIDTH, *[_LEAST_RHO] * earlier]),
            high=np.array([3 * _SCALE_WIDTH, *[_MOST_RHO] * earlier]),
        )

    def table(self, theta: Array) -> Array:
        """T, shape (count, count)."""
        if self.count == 1:
            return np.ones((1, 1))
        share = np.concatenate([[np.exp(theta[0])], np.tanh(theta[1:])])  # of this sweep's factor, in each
        table = np.outer(share, share)
        earlier = np.arange(1, self.count)
        table[earlier, earlier] = 1.0
        return np.asarray(table)

    def pull(self, theta: Array, weights: Array) -> Array:
        """Σ weights · ∂T/∂θ, shape (constants,), for weights of the shape of T."""
        if self.count == 1:
            return np.empty(0)
        share = np.concatenate([[np.exp(theta[0])], np.tanh(theta[1:])])
        both = weights + weights.T
        earlier = np.arange(1, self.count)
        both[earlier, earlier] = 0.0  # a sweep's own variance does not change
        by_share = both @ share
        slope = np.concatenate([[share[0]], 1 - share[1:] ** 2])
        return np.asarray(by_share * slope)
