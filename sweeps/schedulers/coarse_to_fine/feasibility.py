"""Where the infeasible begins: how far a region may reach in each coordinate."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sweeps.schedulers.coarse_to_fine.settings import CoarseToFineSettings
from sweeps.space import Point

Points = NDArray[np.float64]


def feasible_bounds(
    elites: Points, feasible: Points, infeasible: Points, settings: CoarseToFineSettings
) -> tuple[Point, Point]:
    """The lower and the upper bound of each coordinate, each of shape (dimensions,); 0 and 1 where none is.

    A bound lies beyond all elites, at the nearest infeasible trial from which on nearly all are infeasible.
    All arguments are points, shape (n, dimensions), NaN where inactive.
    """
    if len(infeasible) < settings.infeasible_least:
        return np.zeros(elites.shape[1]), np.ones(elites.shape[1])
    columns = zip(elites.T, feasible.T, infeasible.T, strict=True)
    ends = [
        (-_upper(-e, -f, -i, settings, nothing=0.0), _upper(e, f, i, settings, nothing=1.0))
        for e, f, i in columns
    ]
    low, high = np.array(ends).reshape(-1, 2).T
    return low, high


def _upper(
    elites: Point, feasible: Point, infeasible: Point, settings: CoarseToFineSettings, nothing: float
) -> float:
    """The upper bound of one coordinate."""
    outer = np.nanmax(elites) if not np.isnan(elites).all() else np.nan
    good, bad = np.sort(feasible), np.sort(infeasible[infeasible > outer])
    good = good[~np.isnan(good)]
    beyond_bad = len(bad) - np.arange(len(bad))
    beyond_good = len(good) - np.searchsorted(good, bad)
    mostly = beyond_bad >= settings.infeasible_share * (beyond_bad + beyond_good)
    stands = (beyond_bad >= settings.infeasible_least) & mostly
    return float(bad[stands][0]) if stands.any() else nothing
