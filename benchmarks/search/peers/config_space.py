"""A space in ConfigSpace's terms, for the libraries that speak it."""

from __future__ import annotations

from typing import Any

from ConfigSpace import CategoricalHyperparameter, ConfigurationSpace
from ConfigSpace import Float as FloatHyperparameter
from ConfigSpace import Integer as IntegerHyperparameter

from sweeps.space import Choice, Distribution, Numeric, Space
from sweeps.space.scale import LOG


def config_space(space: Space, seed: int) -> ConfigurationSpace:
    """The space in ConfigSpace's terms."""
    found = ConfigurationSpace(seed=seed)
    found.add([_hyperparameter(name, space.distributions[name]) for name in space.searched])
    return found


def _hyperparameter(name: str, distribution: Distribution) -> Any:
    if isinstance(distribution, Choice):
        return CategoricalHyperparameter(name, list(distribution.values))
    assert isinstance(distribution, Numeric)
    kind = IntegerHyperparameter if distribution.integer else FloatHyperparameter
    return kind(name, (distribution.low, distribution.high), log=distribution.scale is LOG)
