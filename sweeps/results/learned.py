"""Which earlier sweeps a sweep has learned from, and what they were worth to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sweeps.errors import BadInput
from sweeps.events import EarlierJudged
from sweeps.space import Space
from sweeps.store.earlier import read_earlier
from sweeps.store.log import LogReader
from sweeps.store.run_directory import LOG
from sweeps.store.tables.parts import RESTORE

_LITTLE, _MUCH = 0.3, 0.7


@dataclass(frozen=True)
class LearnedFrom:
    """An earlier sweep.

    name: its folder, as it was given. trials: how many of its trials lie in this sweep's space.
    worth: how alike its results are to this sweep's, by the surrogate, from 0 to 1; None while nobody knows.
    """

    name: str
    trials: int
    worth: float | None

    @property
    def verdict(self) -> str:
        """What it was worth, in words."""
        if self.worth is None:
            return "worth not known yet"
        much = "little" if self.worth < _LITTLE else "something" if self.worth < _MUCH else "much"
        return f"worth {much}: its results are like these by {self.worth:.2f} of 1"


def learned_from(path: Path, space: Callable[[], Space]) -> tuple[LearnedFrom, ...]:
    """Of a run directory; none where the sweep began from nothing.

    space: gives what it searches, which is asked for only then.

    Raises:
        BadInput: The file that says so is damaged.
    """
    try:
        earlier = read_earlier(path)
    except ValueError as error:
        raise BadInput(str(path), "learn_from", str(error), RESTORE) from None
    judged = LogReader(path / LOG).last(EarlierJudged) if earlier else None
    worth = {} if judged is None else judged.worth
    inside = [len(each.inside(space())) for each in earlier]
    return tuple(
        LearnedFrom(each.name, trials, worth.get(each.name))
        for each, trials in zip(earlier, inside, strict=True)
    )
