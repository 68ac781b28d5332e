"""Explore: another config near that of the member whose checkpoint is gone on from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from sweeps.schedulers.population.settings import PopulationSettings
from sweeps.schedulers.protocol import is_unordered
from sweeps.space import Choice, Config, Distribution, Numeric, Space, Value

Allowed: TypeAlias = Callable[[Config, Config], bool]
"""Whether what was trained with one config may be trained on with another."""
_TRIES = 8  # until a config is one that nobody else goes on with


@dataclass(frozen=True)
class Explorer:
    """Perturbs or draws anew each hyperparameter that may change while a model trains.

    Values on a logarithmic scale are multiplied by a factor, on a reverse logarithmic one 1 - value is;
    others move by a step of the unit interval and, on a grid, by one value at least. An ordered choice moves
    to a neighbour, an unordered one stays unless it is drawn anew. What would lie beyond an end lies at it.

    Args:
        space: Whose values they are.
        settings: How far, and how often.
        allowed: Whether a model may go on so; what may not change stays as it is.
    """

    space: Space
    settings: PopulationSettings
    allowed: Allowed | None = None

    def another(self, config: Config, taken: Sequence[Config], rng: np.random.Generator) -> Config:
        """The config explored, and none of those taken if a few tries find one.

        From one checkpoint and on one seed, equal configs train equal models: one of them would be wasted.
        """
        for _ in range(_TRIES):
            found = self.explored(config, rng)
            if found not in taken:
                break
        return found

    def explored(self, config: Config, rng: np.random.Generator) -> Config:
        """The config with each hyperparameter explored, as far as that is allowed."""
        found = config
        for name in self.space.parents_first:
            resamples, upwards, unit = rng.random() < self.settings.resample, rng.random() < 0.5, rng.random()
            if name not in found or name not in self.space.searched:
                continue
            value = self._drawn(name, unit) if resamples else self._perturbed(name, found[name], upwards)
            changed = self._with(found, name, value, rng)
            if changed != found and (self.allowed is None or self.allowed(config, changed)):
                found = changed
        return found

    def _drawn(self, name: str, unit: float) -> Value:
        return self.space.distributions[name].from_unit(unit)

    def _perturbed(self, name: str, value: Value, upwards: bool) -> Value:
        distribution = self.space.distributions[name]
        if isinstance(distribution, Choice):
            return value if is_unordered(self.space, name) else _neighbour(distribution, value, upwards)
        if not isinstance(distribution, Numeric):
            return value
        unit = distribution.to_unit(value)
        moved = distribution.from_unit(min(max(unit + self._move(distribution, upwards), 0.0), 1.0))
        if moved == value and distribution.grid is not None:
            place = distribution.grid.place(value) + (1 if upwards else -1)  # type: ignore[arg-type]
            return distribution.grid.at(min(max(place, 0), distribution.grid.last))
        return moved

    def _move(self, distribution: Numeric, upwards: bool) -> float:
        """Along the unit interval."""
        if distribution.scale.name == "linear":
            return self.settings.step if upwards else -self.settings.step
        # Smaller 1 - value is a larger value: there the factors change places.
        low, high = sorted(self.settings.factors)
        is_reverse = distribution.scale.name != "log"
        factor = (1 / low if is_reverse else high) if upwards else (1 / high if is_reverse else low)
        return float(np.log(factor)) / distribution.width

    def _with(self, config: Config, name: str, value: Value, rng: np.random.Generator) -> Config:
        """The config with one value, and what its conditions then make of the others."""

        def choose(other: str, distribution: Distribution) -> Value:
            if other == name:
                return value
            if other in config:
                return config[other]
            return distribution.from_unit(rng.random())

        return self.space.decide(choose)


def _neighbour(choice: Choice, value: Value, upwards: bool) -> Value:
    place = [*choice.values].index(value) + (1 if upwards else -1)
    return choice.values[min(max(place, 0), len(choice.values) - 1)]
