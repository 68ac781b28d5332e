"""What the model expects of the ends of the ranges: whether the elites are better there than inside."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag

from sweeps.schedulers.coarse_to_fine.settings import CoarseToFineSettings
from sweeps.space import Choice, Distribution, Numeric, Space
from sweeps.surrogate import Posterior

Array = NDArray[np.float64]

_LEAST_DEVIATION = 1e-3  # of the expected gain, in deviations of the results; below it, rounding would speak


def edge_gain(
    space: Space, elites: Array, believe: Callable[[Array], Posterior], settings: CoarseToFineSettings
) -> Array:
    """How much better the elites would be at either end of each range than a part of the range inside it, in
    standard deviations of that expectation, shape (2, dimensions): lower ends, upper ends.

    Positive where the end is better. 0 where nothing can be said: at an unordered choice, or where fewer than
    two elites have the hyperparameter.

    elites: points, shape (n, dimensions), NaN where inactive.
    believe: the posterior of new trials at the last rung, at points.
    """
    gain = np.zeros((2, elites.shape[1]))
    pairs = [(side, j) for j in range(elites.shape[1]) for side in (0, 1) if _can_lean(space, elites, j)]
    if pairs:
        inside = [_with(elites, j, _inside(_distribution(space, j), side, settings)) for side, j in pairs]
        at = [_with(elites, j, float(side)) for side, j in pairs]
        posterior = believe(np.nan_to_num(np.concatenate(inside + at), nan=0.5))
        weights = _weights([elites[:, j] for _, j in pairs])
        mean, deviation = posterior.combined(np.concatenate([weights, -weights], axis=1))
        gain[tuple(np.transpose(pairs))] = mean / np.maximum(deviation, _LEAST_DEVIATION)
    return gain


def _distribution(space: Space, j: int) -> Distribution:
    return space.distributions[space.searched[j]]


def _can_lean(space: Space, elites: Array, j: int) -> bool:
    return _ordered(_distribution(space, j)) and bool((~np.isnan(elites[:, j])).sum() > 1)


def _weights(columns: list[Array]) -> Array:
    """For each column of n coordinates, the mean over those that are there: shape (columns, columns · n)."""
    shares = [_shares(column) for column in columns]
    return np.asarray(block_diag(*shares))


def _ordered(distribution: Distribution) -> bool:
    return isinstance(distribution, Numeric) or (isinstance(distribution, Choice) and distribution.ordered)


def _with(points: Array, j: int, unit: float) -> Array:
    """The points with one coordinate set."""
    there = points.copy()
    there[:, j] = unit
    return there


def _shares(column: Array) -> Array:
    """Equal weights of the elites that have the hyperparameter, shape (n,)."""
    active = ~np.isnan(column)
    return np.asarray(active / active.sum())


def _inside(distribution: Distribution, side: int, settings: CoarseToFineSettings) -> float:
    """The coordinate inside of an end: on a coarse grid, that of the next value at least."""
    gap = settings.inside
    if isinstance(distribution, Numeric) and distribution.grid is not None:
        second = distribution.grid.at(1 if side == 0 else distribution.grid.last - 1)
        gap = max(gap, abs(side - distribution.to_unit(second)))
    elif isinstance(distribution, Choice):
        gap = max(gap, abs(side - distribution.to_unit(distribution.values[(1, -2)[side]])))
    return abs(side - gap)
