"""Searches in which trials begin at the lowest of several rungs, and some climb on."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

from sweeps.scheduler.rows import Rows
from sweeps.scheduler.search import Search
from sweeps.scheduler.untried import Untried
from sweeps.space import Config, Point, Space
from sweeps.trial import Job, Mode, Outcome, Report

INFEASIBLE = math.inf


class Climb(Search, ABC):
    """Keeps the trials' records; a subclass says which job comes next.

    levels: the rungs' epoch counts, lowest first.
    A trial is compared by its objective as it was last told; a report without one leaves it as it was. One
    that is infeasible or failed, or whose objective is not finite, has a loss of infinity, so that it counts
    as an arrival at its rung.
    """

    def __init__(
        self, space: Space, levels: tuple[int, ...], *, trials: int, epochs: int, mode: Mode, seed: int
    ) -> None:
        super().__init__(space, trials=trials, epochs=epochs, mode=mode, seed=seed)
        self._levels = levels
        self._untried = Untried(space)
        self._points = Rows(len(space.searched))
        self._losses: list[float] = []  # of each trial as it stands, smaller is better
        self._round_of: list[int] = []
        self._running: dict[int, int] = {}  # trial → the level it is on its way to
        self._reached: dict[int, int] = {}  # trial → epochs it has been trained for, where not 0

    @abstractmethod
    def _next_job(self) -> Job | None:
        """What to train now; None where running jobs must be heard of first, or nothing is left."""

    @abstractmethod
    def _arrive(self, trial: int, level: int, ended: bool) -> None:
        """A trial is at a rung with its loss up to date. ended: it cannot go on, or must not."""

    def ask(self, capacity: int) -> list[Job]:
        jobs: list[Job] = []
        while len(jobs) < capacity and (job := self._next_job()) is not None:
            jobs.append(job)
        return jobs

    def tell(self, report: Report) -> None:
        trial = report.trial
        level = self._running.pop(trial)
        if report.outcome is Outcome.STOPPED:
            return
        self._losses[trial] = loss = self._loss(report)
        self._reached[trial] = report.epochs
        self._arrive(trial, level, report.outcome is Outcome.ENDED or loss == INFEASIBLE)

    @property
    def _all_begun(self) -> bool:
        return not self._to_begin

    @property
    def _to_begin(self) -> int:
        """How many more trials may begin: there are no more than configs."""
        return self._untried.fewer(self.trials - len(self._points))

    def _loss(self, report: Report) -> float:
        if report.outcome in (Outcome.INFEASIBLE, Outcome.FAILED):
            return INFEASIBLE
        if report.objective is None:
            return self._losses[report.trial]
        loss = report.objective if self.mode == "min" else -report.objective
        return loss if math.isfinite(loss) else INFEASIBLE

    def _begin(self, point: Point, round_: int, level: int = 0) -> Job:
        """The first job of a new trial, as far as to this level."""
        self._points.append(point)
        self._losses.append(INFEASIBLE)
        self._round_of.append(round_)
        self._untried.add(self._config(len(self._points) - 1))
        return self._job(len(self._points) - 1, level)

    def _job(self, trial: int, level: int) -> Job:
        self._running[trial] = level
        return Job(
            trial,
            self._config(trial),
            start=self._reached.get(trial, 0),
            stop=self._levels[level],
            round=self._round_of[trial],
            seed=self.seed,
        )

    def _config(self, trial: int) -> Config:
        return self.space.config(self._points.values[trial])
