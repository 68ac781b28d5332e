"""Where the points of the whole space come from. Seeded; the n-th point depends on nothing else.

There is no grid: with few hyperparameters that matter, a grid of n points tries only a handful of
values of each, random points try n (Bergstra & Bengio, 2012, JMLR 13).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

import numpy as np
from scipy.stats import qmc

from sweeps.space import Config, Point, Space


class Sampler(Protocol):
    """An endless sequence of points in the unit cube."""

    def draw(self) -> Point:
        """The next point, shape (dimensions,)."""


def moved(space: Space, name: str, unit: float, points: Iterable[Point]) -> Iterator[tuple[Point, Config]]:
    """The points with one hyperparameter's coordinate set, and their configs, where these have it."""
    place = space.searched.index(name)
    for point in points:
        there = point.copy()
        there[place] = unit
        config = space.config(there)
        if name in config:
            yield there, config


class RandomSampler:
    """Independent uniform points."""

    def __init__(self, dimensions: int, seed: int) -> None:
        self._dimensions = dimensions
        self._rng = np.random.default_rng(seed)

    def draw(self) -> Point:
        return self._rng.random(self._dimensions)


class SobolSampler:
    """Owen-scrambled Sobol points (Owen, 1998): any first 2^k of them fill the cube evenly."""

    _BLOCK = 64  # scipy wants powers of two; one block is drawn at a time

    def __init__(self, dimensions: int, seed: int) -> None:
        self._dimensions = dimensions
        # scipy needs one dimension at least; a sweep of fixed values alone has none.
        self._engine = qmc.Sobol(max(dimensions, 1), scramble=True, rng=np.random.default_rng(seed))
        self._block: list[Point] = []

    def draw(self) -> Point:
        if not self._block:
            self._block = list(self._engine.random(self._BLOCK)[::-1, : self._dimensions])
        return self._block.pop()
