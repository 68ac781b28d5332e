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
    """The trials of an earlier sweep, in this sweep's space or not, since that may grow.

    name: what it is called where its worth is told.
    """

    name: str
    trials: Sequence[KnownTrial]

    def inside(self, space: Space) -> list[KnownTrial]:
        """Those that lie in a space."""
        return [trial for trial in self.trials if lies_in(space, trial.config)]


@dataclass(frozen=True)
class Overlap:
    """What an earlier sweep has in common with a space.

    name: of the earlier sweep. trials: how many of its trials lie in the space, of: out of so many. shared:
    the hyperparameters that are searched here and that it had. lacking: those that it did not have. other:
    how its data differ, such as "other data"; "" where they are the same, or nobody knows.
    """

    name: str
    trials: int
    of: int
    shared: tuple[str, ...]
    lacking: tuple[str, ...]
    other: str = ""

    @property
    def words(self) -> str:
        """The same on a line.

        >>> Overlap("runs/old", 1, 4, ("rate",), ("keep",)).words
        'runs/old: 1 of its 4 trials, by rate; it did not have keep'
        """
        some = "" if self.trials == self.of else f" of its {self.of}"
        trials = f"{self.trials}{some} trial{'s'[: self.of != 1]}"
        lacking = f"; it did not have {', '.join(self.lacking)}" if self.lacking else ""
        other = f"; {self.other}" if self.other else ""
        return f"{self.name}: {trials}, by {', '.join(self.shared) or 'nothing'}{lacking}{other}"


def overlap(knowledge: Knowledge, space: Space, other: str = "") -> Overlap:
    """What an earlier sweep has in common with a space. other: how its data differ, in words."""
    inside = knowledge.inside(space)
    had = {name for trial in inside for name in trial.config}
    parts = [tuple(name for name in space.searched if (name in had) is known) for known in (True, False)]
    return Overlap(knowledge.name, len(inside), len(knowledge.trials), parts[0], parts[1], other)


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
