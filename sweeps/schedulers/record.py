"""The record of trials: what a search has begun, how far each trial was trained, and how it stands."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from sweeps.schedulers.rows import Rows
from sweeps.schedulers.untried import Untried
from sweeps.space import Config, Point, Space
from sweeps.trial import Job, Mode, Outcome, Report

INFEASIBLE = math.inf


@dataclass(frozen=True)
class Arrival:
    """A trial that has come to a rung, and its loss there.

    level: the rung's place, counted from the lowest. ended: the trial cannot go on, or must not.
    """

    trial: int
    level: int
    loss: float
    ended: bool


class TrialRecord:
    """The trials of a search that trains them from rung to rung, by number.

    A trial is compared by its objective as it was last told; a report without one leaves it as it was. One
    that is infeasible or failed, or whose objective is not finite, has a loss of infinity, so that it counts
    as an arrival at its rung.

    Args:
        space: What is searched; it may grow.
        levels: The rungs' epoch counts, lowest first.
        trials: How many may begin.
        mode: Whether a smaller or a larger objective is better.
        seed: Of the training.
    """

    def __init__(
        self, space: Space, levels: Sequence[int], *, trials: int, mode: Mode = "min", seed: int = 0
    ) -> None:
        self.levels, self.trials, self.untried = tuple(levels), trials, Untried(space)
        self.running: dict[int, int] = {}  # trial → the level it is on its way to
        self.losses: list[float] = []  # of each trial as it stands, smaller is better
        self._mode, self._seed = mode, seed
        self._points = Rows(len(space.searched))
        self._spaces: list[Space] = []  # by trial: the space that its point lies in
        self._rounds: list[int] = []
        self._reached: dict[int, int] = {}  # trial → epochs it has been trained for, where not 0

    def __len__(self) -> int:
        """How many trials have begun."""
        return len(self._points)

    @property
    def to_begin(self) -> int:
        """How many more trials may begin; there are no more than configs."""
        return self.untried.fewer(self.trials - len(self))

    @property
    def exhausted(self) -> bool:
        """Whether the space has no config left for trials that might begin."""
        return len(self) < self.trials and not self.to_begin

    def reached(self, trial: int) -> int:
        """How many epochs a trial has been trained for."""
        return self._reached.get(trial, 0)

    def config(self, trial: int) -> Config:
        """A trial's config, which it keeps where the space grows."""
        return self._spaces[trial].config(self._points.values[trial])

    def begin(self, space: Space, point: Point, round_: int, level: int = 0) -> Job:
        """The first job of a new trial, as far as to this level."""
        trial = len(self)
        self._points.append(point)
        self._spaces.append(space)
        self._rounds.append(round_)
        self.losses.append(INFEASIBLE)
        self.untried.add(self.config(trial))
        return self.go_on(trial, level)

    def go_on(self, trial: int, level: int) -> Job:
        """The next job of a trial that is not in training."""
        self.running[trial] = level
        return Job(
            trial,
            self.config(trial),
            start=self.reached(trial),
            stop=self.levels[level],
            round=self._rounds[trial],
            seed=self._seed,
        )

    def take(self, report: Report) -> Arrival | None:
        """Write down what a job gave back; None where it was stopped, which says nothing of the trial."""
        trial, level = report.trial, self.running.pop(report.trial)
        if report.outcome is Outcome.STOPPED:
            return None
        self.losses[trial] = loss = self._loss(report)
        self._reached[trial] = report.epochs
        # One that reported the metric late was trained past its rung: it stands at the last one passed.
        level = max(level, bisect_right(self.levels, report.epochs) - 1)
        return Arrival(trial, level, loss, report.outcome is Outcome.ENDED or loss == INFEASIBLE)

    def _loss(self, report: Report) -> float:
        if report.outcome in (Outcome.INFEASIBLE, Outcome.FAILED):
            return INFEASIBLE
        if report.objective is None:
            return self.losses[report.trial]
        loss = report.objective if self._mode == "min" else -report.objective
        return loss if math.isfinite(loss) else INFEASIBLE
