"""The region around the elites, a box in the unit cube, and the points drawn in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sweeps.schedulers.coarse_to_fine.feasibility import feasible_bounds
from sweeps.schedulers.coarse_to_fine.settings import CoarseToFineSettings
from sweeps.schedulers.protocol import is_unordered
from sweeps.space import Point, Space

Points = NDArray[np.float64]


@dataclass(frozen=True)
class TrustRegion:
    """The box that a round samples from. Arrays are of shape (dimensions,) where nothing else is said.

    low, high: its ends, in the unit cube. elites: what it was drawn around, shape (n, dimensions); NaN
    where a hyperparameter is inactive. spread: the standard deviation of a step from a point to a new one.
    chance: how often a step changes a coordinate. unordered: where a step is a draw from all values.
    pulled: whether infeasible trials have pulled in the lower and the upper end, shape (2, dimensions).
    steps: the lengths of a step, in parts of the spread.
    """

    low: Point
    high: Point
    elites: Points
    spread: Point
    chance: Point
    unordered: NDArray[np.bool_]
    pulled: NDArray[np.bool_]
    steps: Point

    def elite_units(self, j: int) -> Point:
        """The j-th coordinates of the elites that have one."""
        units = self.elites[:, j]
        return np.asarray(units[~np.isnan(units)])

    def draw(self, count: int, rng: np.random.Generator) -> Points:
        """Steps from the elites, shape (count, dimensions). One that would leave the region ends at its
        wall: where that is the range's end, the best often lies just there."""
        return np.clip(self.near(self.elites, count, rng), self.low, self.high)

    def near(self, points: Points, count: int, rng: np.random.Generator, reach: float = 1.0) -> Points:
        """A step away from points of shape (n, dimensions), each from one of them: (count, dimensions).

        reach: multiplies the spread. NaN, where a point leaves a hyperparameter out, is drawn anew from the
        region: clipped to it, most would lie on its walls.
        """
        parents = points[rng.integers(len(points), size=count)]
        far = reach * self.steps[rng.integers(len(self.steps), size=(count, 1))]
        stepped = np.clip(parents + self.spread * far * rng.standard_normal(parents.shape), 0.0, 1.0)
        changed = rng.random(parents.shape) < self.chance
        anew = np.isnan(parents) | (changed & self.unordered)
        drawn = self.low + (self.high - self.low) * rng.random(parents.shape)
        return np.where(anew, drawn, np.where(changed, stepped, parents))


def region_around(
    space: Space, elites: Points, feasible: Points, infeasible: Points, settings: CoarseToFineSettings
) -> TrustRegion:
    """The elites' bounding box, widened by twice the spread of a step, as far as infeasible trials let it.

    elites, feasible, infeasible: the best trials, and all by how they ended; points of shape
    (n, dimensions), NaN where inactive. An unordered choice, or what is active in fewer than two elites,
    keeps its whole range.
    """
    unordered = np.array([is_unordered(space, name) for name in space.searched], dtype=bool)
    active = ~np.isnan(elites)
    free = unordered | (active.sum(axis=0) < 2)
    deviation = _deviation(elites, active)
    spread = np.where(free, 0.5, np.maximum(settings.spread * deviation, settings.floor))
    low = np.maximum(np.where(active, elites, 1.0).min(axis=0) - settings.margin * spread, 0.0)
    high = np.minimum(np.where(active, elites, 0.0).max(axis=0) + settings.margin * spread, 1.0)
    lower, upper = feasible_bounds(elites, feasible, infeasible, settings)
    pulled = np.array([(lower > low) & ~free, (upper < high) & ~free])
    low, high = np.where(pulled[0], lower, low), np.where(pulled[1], upper, high)
    low, high = np.where(free, 0.0, low), np.where(free, 1.0, high)
    chance = np.where(unordered, settings.switch, settings.mutation)
    steps = np.array(settings.steps)
    return TrustRegion(low, high, elites, spread, chance, unordered, pulled, steps)


def _deviation(points: Points, active: NDArray[np.bool_]) -> Point:
    """Of each coordinate where it is active, shape (dimensions,); 0 where it never is."""
    counts = np.maximum(active.sum(axis=0), 1)
    means = np.where(active, points, 0.0).sum(axis=0) / counts
    off = np.where(active, points - means, 0.0)
    return np.asarray(np.sqrt((off * off).sum(axis=0) / counts))
