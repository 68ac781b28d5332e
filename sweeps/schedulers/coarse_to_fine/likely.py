"""Where the user thinks that good values lie: `likely`, which counts less the more has been seen.

The acquisition function is multiplied by π(x)^(β/n) after n trials (Hvarfner et al., 2022, "πBO: Augmenting
Acquisition Functions with User Beliefs", ICLR), so that a belief that is wrong costs some trials and no more.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from sweeps.space import Choice, Distribution, Point, Space, Unsaid

Array = NDArray[np.float64]

_WIDTH = 0.12  # deviation of a belief, in parts of the range, in its scale
_DOUBT = 0.2  # of the belief is spread over the whole range
_STRENGTH = 0.1  # β, in parts of the sweep's trials


class Likely:
    """The user's belief over a space. said: whether there is any.

    Args:
        space: Whose hyperparameters may have a likely value.
        trials: How many the sweep has.
    """

    def __init__(self, space: Space, trials: int) -> None:
        self._trials = trials
        distributions = [space.distributions[name] for name in space.searched]
        self._centres = np.array([_centre(each) for each in distributions])
        self._cells = np.array([_cell(each) for each in distributions])
        self._which: list[int] = np.flatnonzero(~np.isnan(self._centres)).tolist()
        self.said = len(self._which) > 0

    def first(self, number: int, point: Point) -> Point:
        """A point of the first round: trial 0 has the likely values, every other one lies about them."""
        found = point.copy()
        for i in self._which if number % 4 == 0 else ():
            found[i] = self._centres[i] if number == 0 else self._drawn(i, point[i])
        return found

    def bonus(self, points: Array, begun: int) -> Array:
        """What is added to the log of the acquisition function at points, shape (n,)."""
        if not self.said:
            return np.zeros(len(points))
        weight = _STRENGTH * self._trials / max(begun, 1)
        return weight * sum(
            (np.log(self._density(i, points[:, i])) for i in self._which), np.zeros(len(points))
        )

    def _drawn(self, i: int, unit: float) -> float:
        """A uniform number as one of the belief's."""
        centre, cell = self._centres[i], self._cells[i]
        if cell:
            return float(centre if unit < 1 - _DOUBT else unit)
        low, high = ndtr((0 - centre) / _WIDTH), ndtr((1 - centre) / _WIDTH)
        return float(np.clip(centre + _WIDTH * ndtri(low + unit * (high - low)), 0.0, 1.0))

    def _density(self, i: int, units: Array) -> Array:
        """Of the belief, with its doubt, relative to its peak; 1 where a config lacks the hyperparameter."""
        off = np.nan_to_num(units, nan=self._centres[i]) - self._centres[i]
        if self._cells[i]:
            near = (np.abs(off) < self._cells[i] / 2).astype(np.float64)
        else:
            near = np.exp(-0.5 * (off / _WIDTH) ** 2)
        return np.asarray(_DOUBT + (1 - _DOUBT) * near)


def _centre(distribution: Distribution) -> float:
    """The likely value's coordinate; NaN where none is said."""
    likely = distribution.likely
    return float("nan") if isinstance(likely, Unsaid) else distribution.to_unit(likely)


def _cell(distribution: Distribution) -> float:
    """The width of an unordered choice's cells; 0 where neighbours are alike."""
    return (
        1 / len(distribution.values) if isinstance(distribution, Choice) and not distribution.ordered else 0.0
    )
