"""Which configs have been tried: in a space that has so many and no more, none is tried twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import cast

import numpy as np

from sweeps.schedulers.sampling import Sampler
from sweeps.space import Choice, Config, Distribution, Numeric, Point, Space, Value

_DRAWS = 64  # points in search of a config that is new; from then on, all configs are gone through


class Untried:
    """The configs of a space that no trial has had yet.

    In a space with a continuous range every point counts as new; nothing is kept of it.
    """

    def __init__(self, space: Space) -> None:
        self._tried: set[str] = set()
        self.widen(space)

    def widen(self, space: Space) -> None:
        """Go over to a wider space, with the same configs tried."""
        self._space = space
        self._all = all_configs(space)

    def add(self, config: Config) -> None:
        """A trial with this config begins."""
        if self._space.size is not None:
            self._tried.add(repr(config))

    def __contains__(self, config: Config) -> bool:
        return self._space.size is None or repr(config) not in self._tried

    def fewer(self, trials: int) -> int:
        """So many trials, or as many as there are configs left for."""
        return trials if self._space.size is None else min(trials, self._space.size - len(self._tried))

    def draw(self, sampler: Sampler) -> Point:
        """The sampler's next point whose config is new; where none of the next few is, another new one's."""
        for _ in range(_DRAWS):
            point = sampler.draw()
            if self._space.size is None or self._space.config(point) in self:
                return point
        return self._point(self.next_config())

    def instead(self, point: Point) -> Point:
        """The point itself where its config is new, else one whose config is."""
        new = self._space.size is None or self._space.config(point) in self
        return point if new else self._point(self.next_config())

    def next_config(self) -> Config:
        """The first of all configs that is new. What it passes over has been tried and stays so."""
        return next(config for config in self._all if config in self)

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
