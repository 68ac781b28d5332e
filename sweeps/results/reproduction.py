"""A trial that was trained again, beside what was recorded of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

import pandas as pd

from sweeps.errors import last_line
from sweeps.space import Config
from sweeps.trial import Outcome, Row

ROUNDING = 1e-6  # relative; another BLAS or device may differ by so much

Verdict: TypeAlias = Literal["equal", "rounding", "differs"]


class Training(NamedTuple):
    """What came of training a trial: a row per epoch, how it ended, and what it raised."""

    rows: Sequence[Row]
    outcome: Outcome
    error: str | None = None


class Difference(NamedTuple):
    """Where two trainings part: None for a metric that one of them has not reported there."""

    epoch: int
    metric: str
    then: float | None
    now: float | None


@dataclass(frozen=True)
class Reproduction:
    """A trial then, as the log has it, and now.

    Attributes:
        trial: Its number. config, seed: What it was trained with, then and now.
        repeats: The finalist whose config it trains again, None where it is a trial of the search.
        then, now: The trainings.
        restarts: The epochs from which the trial was trained on in the sweep; now it is trained in one go.

    Example:
        After ``caviar run``::

            found = sweeps.reproduce("runs/digits", trial=17)
            assert found.verdict == "equal", found.difference
            found.then_metrics - found.now_metrics
    """

    trial: int
    config: Config
    seed: int
    repeats: int | None
    then: Training = field(repr=False)
    now: Training = field(repr=False)
    restarts: tuple[int, ...] = ()

    @property
    def then_metrics(self) -> pd.DataFrame:
        """As recorded: a row per epoch, a column per metric."""
        return _frame(self.then.rows)

    @property
    def now_metrics(self) -> pd.DataFrame:
        """The same of the training now."""
        return _frame(self.now.rows)

    @property
    def verdict(self) -> Verdict:
        """Whether all metrics of all epochs are equal, to the last bit or within rounding; else "differs"."""
        if not self.same_end or self.difference is not None:
            return "differs"
        return "rounding" if self.largest else "equal"

    @property
    def difference(self) -> Difference | None:
        """The first one beyond rounding; None where there is none."""
        return next((each for each in self._pairs() if _apart(each) > ROUNDING), None)

    @property
    def largest(self) -> float:
        """The largest relative difference of two metrics: 0 where all are equal to the last bit."""
        return max((_apart(each) for each in self._pairs()), default=0.0)

    @property
    def same_end(self) -> bool:
        """Whether the training ended as it did then, where it ended by itself, and by the same error."""
        then, now = self.then, self.now
        if not then.outcome.is_own:
            return len(now.rows) >= len(then.rows)
        if then.outcome is Outcome.FAILED:
            return now.outcome is Outcome.FAILED and last_line(then.error) == last_line(now.error)
        if then.outcome is Outcome.ENDED:
            return now.outcome in (Outcome.ENDED, Outcome.DONE) and len(now.rows) == len(then.rows)
        return now.outcome is then.outcome

    def _pairs(self) -> Iterator[Difference]:
        """All metrics of both, epoch by epoch, as far as both have been trained."""
        for epoch, (then, now) in enumerate(zip(self.then.rows, self.now.rows, strict=False), start=1):
            for name in dict.fromkeys([*then, *now]):
                yield Difference(epoch, name, then.get(name), now.get(name))


def _apart(pair: Difference) -> float:
    """The relative difference; infinite where one of them is missing or not finite, and the other is."""
    then, now = pair.then, pair.now
    if then is None or now is None:
        return math.inf
    if then == now or (math.isnan(then) and math.isnan(now)):
        return 0.0
    if not (math.isfinite(then) and math.isfinite(now)):
        return math.inf
    return abs(then / 2 - now / 2) / max(abs(then), abs(now)) * 2


def _frame(rows: Sequence[Row]) -> pd.DataFrame:
    return pd.DataFrame(list(map(dict, rows)), index=pd.RangeIndex(1, len(rows) + 1, name="epoch"))
