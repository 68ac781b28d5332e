"""Which configs have been tried: in a space that has so many and no more, none is tried twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, cast

import numpy as np

from sweeps.schedulers.sampling import Sampler
from sweeps.space import Choice, Config, Distribution, Numeric, Point, Space, Value

_DRAWS = 64  # points in search of a config that is new; from then on, all configs are gone through


class Untried:
    """The configs of a space that no trial has had yet.

    In a space with a continuous range every point counts as new, and nothing is kept of what is drawn here;
    but a draw may come again where it was made by another search with the same seed, so what others tried
    is kept.
    """

    def __init__(self, space: Space) -> None:
        self._tried: set[str] = set()
        self._outside: list[Config] = []  # configs of others that are none of the space's
        self.grow(space)

    def grow(self, space: Space) -> None:
        """Go over to a larger space, with the same configs tried."""
        self._space = space
        self._all: Iterator[Config] | None = None  # begun where it is needed
        outside, self._outside = self._outside, []
        for config in outside:
            self.observe(config)

    def add(self, config: Config) -> None:
        """A trial with this config begins."""
        if self._space.size is not None:
            self._tried.add(repr(config))

    def observe(self, config: Config) -> Config | None:
        """Others tried a config. Returns it in the space's own values; None where it is none of its."""
        own = self._space.own(config)
        if own is None:
            self._outside.append(config)
        else:
            self._tried.add(repr(own))
        return own

    def __contains__(self, config: Config) -> bool:
        return not self._tried or repr(config) not in self._tried

    def fewer(self, trials: int) -> int:
        """So many trials, or as many as there are configs left for."""
        left = trials if self._space.size is None else min(trials, self._space.size - len(self._tried))
        return max(left, 0)

    def draw(self, sampler: Sampler, number: int) -> Point:
        """The sampler's point of a number, at the first attempt at which its config is new; where there are
        too many attempts, another new one's."""
        for attempt in range(_DRAWS):
            point = sampler.draw(number, attempt)
            if self.is_new(point):
                break
        return self.instead(point)

    def is_new(self, point: Point) -> bool:
        """Whether no trial has had the config there."""
        return not self._tried or self._space.config(point) in self

    def instead(self, point: Point) -> Point:
        """The point itself where its config is new or there is no end of configs; else another one's."""
        uncounted = self._space.size is None
        return point if uncounted or self.is_new(point) else self._point(self.next_config())

    def next_config(self) -> Config:
        """The first of all configs that is new. What it passes over has been tried and stays so."""
        if self._all is None:
            self._all = all_configs(self._space)
        return next(config for config in self._all if config in self)

    def __getstate__(self) -> dict[str, Any]:
        """What copies get: they go through all configs anew, past those that were tried."""
        return {**vars(self), "_all": None}

    def _point(self, config: Config) -> Point:
        return np.nan_to_num(self._space.point(config), nan=0.5)


def all_configs(space: Space) -> Iterator[Config]:
    """The configs of a space without continuous ranges, one after the other."""
    for config in _completed(space, 0, {}):
        yield {name: config[name] for name in space.distributions if name in config}


def _completed(space: Space, place: int, begun: Config) -> Iterator[Config]:
    """All configs that have the values of `begun` for the hyperparameters before a place, parents first."""
    if place == len(space.parents_first):
        yield begun
        return
    name = space.parents_first[place]
    distribution = space.distributions[name]
    if not distribution.holds(begun):
        yield from _completed(space, place + 1, begun)
        return
    for value in _values(distribution):
        yield from _completed(space, place + 1, {**begun, name: value})


def _values(distribution: Distribution) -> Iterable[Value]:
    if distribution.fixed:
        return (distribution.from_unit(0.5),)
    if isinstance(distribution, Choice):
        return distribution.values
    grid = cast("Numeric", distribution).grid
    return (grid.at(place) for place in range(grid.last + 1)) if grid is not None else ()
