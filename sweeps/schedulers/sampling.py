"""Random numbers by the number of the decision that they are for, and points of the whole space.

What is drawn for a decision depends on the seed and its number alone, not on what was drawn before it: where
a sweep is replayed and one decision differs, the others' draws stay.

There is no grid of points: with few hyperparameters that matter, a grid of n points tries only a handful of
values of each, random points try n (Bergstra & Bengio, 2012, JMLR 13).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

import numpy as np

from sweeps.space import Config, Point, Space


class Draws:
    """A generator for each decision: Philox (Salmon et al., 2011), which counts instead of remembering.

    seed: of all decisions. purpose: tells apart what has the same seed.
    """

    def __init__(self, seed: int, purpose: int = 0) -> None:
        key = np.random.SeedSequence([seed, purpose]).generate_state(2, np.uint64)
        self._bits = np.random.Philox(key=key)
        self._begin = self._bits.state
        self._generator = np.random.Generator(self._bits)

    def of(self, number: int, attempt: int = 0) -> np.random.Generator:
        """The generator of a decision, at its beginning; good until the next one is asked for.

        Each has 2^64 blocks of four numbers before it would run into the next attempt's.
        """
        self._begin["state"]["counter"][:] = 0, attempt, number, 0
        self._bits.state = self._begin
        return self._generator


class Sampler(Protocol):
    """A point of the unit cube for each number, and others for where that one will not do."""

    def draw(self, number: int, attempt: int = 0) -> Point:
        """The point of a number, shape (dimensions,); another one at each further attempt."""


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
        self._draws = Draws(seed)

    def draw(self, number: int, attempt: int = 0) -> Point:
        return self._draws.of(number, attempt).random(self._dimensions)


class SobolSampler:
    """Owen-scrambled Sobol points (Owen, 1998): any first 2^k of them fill the cube evenly.

    Further attempts are uniform: the next Sobol points are for the next numbers.
    """

    _BLOCK = 64  # scipy wants powers of two; one block is drawn at a time

    def __init__(self, dimensions: int, seed: int) -> None:
        self._dimensions = dimensions
        # scipy needs one dimension at least; a sweep of fixed values alone has none.
        from scipy.stats import qmc  # takes a second, which only those wait for who draw such points

        self._engine = qmc.Sobol(max(dimensions, 1), scramble=True, rng=np.random.default_rng(seed))
        self._uniform = RandomSampler(dimensions, seed)
        self._first, self._block = 0, self._engine.random(self._BLOCK)

    def draw(self, number: int, attempt: int = 0) -> Point:
        if attempt:
            return self._uniform.draw(number, attempt)
        place = number - self._first
        if not 0 <= place < self._BLOCK:
            self._go_to(number - number % self._BLOCK)
            place = number % self._BLOCK
        return np.array(self._block[place, : self._dimensions])

    def _go_to(self, first: int) -> None:
        """Draw the block that begins there."""
        if first < self._engine.num_generated:
            self._engine.reset()
        if ahead := first - self._engine.num_generated:
            self._engine.fast_forward(ahead)
        self._first, self._block = first, self._engine.random(self._BLOCK)
