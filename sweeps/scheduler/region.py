"""Regions: the box in the unit cube that a round samples from, drawn around the elites."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sweeps.scheduler.scheduler import Region
from sweeps.space import Choice, Point, Space

_EDGE = 0.05  # an elite this near to an end of the range, in its scale, leans on it


@dataclass(frozen=True)
class Box:
    """A region in the unit cube. Arrays are of shape (dimensions,).

    elites: the points it was drawn around, shape (n, dimensions); NaN where inactive.
    spread: the standard deviation of the step from an elite to a new point; 0 for an unordered choice.
    switch: the chance to draw the coordinate anew instead; above 0 for an unordered choice alone.
    """

    low: Point
    high: Point
    spread: Point
    switch: Point
    elites: NDArray[np.float64]

    def draw(self, rng: np.random.Generator) -> Point:
        """One elite plus Gaussian noise, folded back into the box at its walls, shape (dimensions,)."""
        parent = self.elites[rng.integers(len(self.elites))]
        anew = np.isnan(parent) | (rng.random(len(parent)) < self.switch)
        uniform = rng.uniform(self.low, self.high)
        step = parent + self.spread * rng.standard_normal(len(parent))
        return np.where(anew, uniform, _fold(step, self.low, self.high))


def box_around(space: Space, elites: NDArray[np.float64], spread: float, floor: float, switch: float) -> Box:
    """The elites' bounding box, widened on each side by `spread` times their standard deviation.

    elites: shape (n, dimensions), NaN where inactive. floor: the least widening, in parts of the whole
    range. An unordered choice, or what is active in fewer than two elites, keeps its whole range.
    """
    columns = [_side(space, name, elites[:, j], spread, floor) for j, name in enumerate(space.searched)]
    low, high, sigma = np.array(columns).reshape(-1, 3).T
    switches = np.array([switch if is_unordered(space, name) else 0.0 for name in space.searched])
    return Box(low, high, sigma, switches, elites)


def is_unordered(space: Space, name: str) -> bool:
    """Whether the hyperparameter's coordinates say nothing of which values are alike."""
    distribution = space.distributions[name]
    return isinstance(distribution, Choice) and not distribution.ordered


def whole_space(space: Space, reason: str) -> tuple[Region, ...]:
    """The regions of a round that samples from everywhere."""
    return tuple(
        Region(name, *_ends(space, name, 0.0, 1.0), elites=0, reason=reason) for name in space.searched
    )


def describe(space: Space, box: Box) -> tuple[Region, ...]:
    """A box in the hyperparameters' own units, each with its reason in words."""
    regions = []
    for j, name in enumerate(space.searched):
        units = box.elites[:, j][~np.isnan(box.elites[:, j])]
        ends = _ends(space, name, float(box.low[j]), float(box.high[j]))
        reason = _reason(space, name, units, widened=len(units) >= 2)
        regions.append(Region(name, *ends, elites=len(units), reason=reason))
    return tuple(regions)


def _side(
    space: Space, name: str, units: NDArray[np.float64], spread: float, floor: float
) -> tuple[float, float, float]:
    """Low, high and standard deviation of a step for one hyperparameter."""
    active = units[~np.isnan(units)]
    if is_unordered(space, name):
        return 0.0, 1.0, 0.0
    if len(active) < 2:
        return 0.0, 1.0, 0.5
    sigma = max(spread * float(np.std(active)), floor)
    return max(float(active.min()) - sigma, 0.0), min(float(active.max()) + sigma, 1.0), sigma


def _fold(x: Point, low: Point, high: Point) -> Point:
    """Reflect at the walls, so that no draws pile up on them as clipping would make them."""
    width = np.maximum(high - low, 1e-12)
    phase = np.mod(x - low, 2 * width)
    return np.asarray(low + np.where(phase > width, 2 * width - phase, phase))


def _ends(space: Space, name: str, low: float, high: float) -> tuple[float | None, float | None]:
    distribution = space.distributions[name]
    if not is_unordered(space, name):
        ends = distribution.from_unit(low), distribution.from_unit(high)
        if all(isinstance(end, int | float) for end in ends):
            return float(ends[0]), float(ends[1])  # type: ignore[arg-type]
    return None, None


def _reason(space: Space, name: str, units: NDArray[np.float64], widened: bool) -> str:
    if not widened:
        return f"the whole range: only {len(units)} of the elites have it"
    distribution = space.distributions[name]
    values = [distribution.from_unit(float(unit)) for unit in np.sort(units)]
    if is_unordered(space, name):
        counts = {str(v): values.count(v) for v in sorted(values, key=str)}
        return "elites: " + ", ".join(f"{v} in {n} of {len(values)}" for v, n in counts.items())
    return f"{len(values)} elites within {_show(values[0])} … {_show(values[-1])}{_leaning(units)}"


def _leaning(units: NDArray[np.float64]) -> str:
    for end, count in (("lower", np.sum(units <= _EDGE)), ("upper", np.sum(units >= 1 - _EDGE))):
        if 2 * count >= len(units):
            return f"; {count} lean on the {end} end of the range, which may be too narrow"
    return ""


def _show(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
