"""Where the infeasible begins: how far a region may reach in each coordinate."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sweeps.space import Point

Points = NDArray[np.float64]

_FEWEST = 3  # infeasible trials beyond a fence
_MOSTLY = 0.8  # of all trials beyond it


def fences(elites: Points, feasible: Points, infeasible: Points) -> tuple[Point, Point]:
    """The lower and the upper fence of each coordinate, each of shape (dimensions,); 0 and 1 where none is.

    A fence stands beyond all elites, at the nearest infeasible trial from which on nearly all are infeasible.
    All arguments are points, shape (n, dimensions), NaN where inactive.
    """
    if len(infeasible) < _FEWEST:
        return np.zeros(elites.shape[1]), np.ones(elites.shape[1])
    columns = zip(elites.T, feasible.T, infeasible.T, strict=True)
    ends = [(-_fence(-e, -f, -i, nothing=0.0), _fence(e, f, i, nothing=1.0)) for e, f, i in columns]
    low, high = np.array(ends).reshape(-1, 2).T
    return low, high


def _fence(elites: Point, feasible: Point, infeasible: Point, nothing: float) -> float:
    """The upper fence of one coordinate."""
    outer = np.nanmax(elites) if not np.isnan(elites).all() else np.nan
    good, bad = np.sort(feasible), np.sort(infeasible[infeasible > outer])
    good = good[~np.isnan(good)]
    beyond_bad = len(bad) - np.arange(len(bad))
    beyond_good = len(good) - np.searchsorted(good, bad)
    stands = (beyond_bad >= _FEWEST) & (beyond_bad >= _MOSTLY * (beyond_bad + beyond_good))
    return float(bad[stands][0]) if stands.any() else nothing
