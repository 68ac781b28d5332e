"""What an earlier sweep has found, as far as a later one can learn from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sweeps.space import Distribution, Point, Space, Value


@dataclass(frozen=True)
class KnownTrial:
    """A trial of an earlier sweep.

    config: As it was there. curve: (epochs, loss) as its objective stood after so many, fewest epochs first,
    one at least; smaller is better, infinity is infeasible. In the earlier sweep's own units.
    """

    config: Mapping[str, Any]
    curve: Sequence[tuple[int, float]]


@dataclass(frozen=True)
class Knowledge:
    """The trials of an earlier sweep. name: what it is called where its worth is told."""

    name: str
    trials: Sequence[KnownTrial]


def known_point(space: Space, config: Mapping[str, Any]) -> Point | None:
    """Where an earlier sweep's config lies in a space; None where it lies outside.

    A hyperparameter that it does not have, because the earlier sweep did not know it or its condition does
    not hold, lies in the middle; those that the space does not have are left out.
    """
    if not lies_in(space, config):
        return None
    return np.array([_unit(space.distributions[name], config.get(name)) for name in space.searched])


def lies_in(space: Space, config: Mapping[str, Any]) -> bool:
    """Whether a config shares a hyperparameter with the space, and each value of those is in its range."""
    shared = space.distributions.keys() & config.keys()
    return bool(shared) and all(config[name] in space.distributions[name] for name in shared)


def _unit(distribution: Distribution, value: Value | None) -> float:
    return 0.5 if value is None else distribution.to_unit(distribution.own(value))
