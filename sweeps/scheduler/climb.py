"""Searches in which trials begin at the lowest of several rungs, and the best climb (`rungs.py`)."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

from sweeps.scheduler.rungs import Ladder
from sweeps.scheduler.search import Search
from sweeps.space import Point, Space
from sweeps.trial import Job, Mode, Outcome, Report

INFEASIBLE = math.inf


class Climb(Search, ABC):
    """Who may climb goes first; else a new trial begins; else the running ones must report.

    A trial is compared by the best objective it has had so far. One that is infeasible or failed, or whose
    objective is not finite, counts as an arrival at its rung and never climbs.
    Once all trials have begun and a rung expects nobody any more, its best may climb even where 1/factor of
    the arrivals is less than one trial; so one trial at least reaches the last epoch, if any can.
    """

    def __init__(
        self, space: Space, ladder: Ladder, *, trials: int, epochs: int, mode: Mode, seed: int
    ) -> None:
        super().__init__(space, trials=trials, epochs=epochs, mode=mode, seed=seed)
        self._ladder = ladder
        self._points: list[Point] = []
        self._losses: list[float] = []  # the best so far of each trial, smaller is better
        self._round_of: list[int] = []
        self._running: dict[int, int] = {}  # trial → the level it is on its way to
        self._reached: dict[int, int] = {}  # trial → epochs it has been trained for, where not 0

    @abstractmethod
    def _draw(self, trial: int) -> tuple[Point, int]:
        """The point of a new trial and the round it belongs to; called once for each trial, in order."""

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
        self._ladder.arrive(trial, level, loss)
        if report.outcome is Outcome.ENDED:
            self._ladder.leave(trial, level)

    @property
    def finished(self) -> bool:
        return self._all_asked and not self._running and self._climber() is None

    @property
    def _all_asked(self) -> bool:
        return len(self._points) == self.trials

    def _loss(self, report: Report) -> float:
        if report.outcome in (Outcome.INFEASIBLE, Outcome.FAILED):
            return INFEASIBLE
        if report.objective is None:
            return self._losses[report.trial]
        loss = report.objective if self.mode == "min" else -report.objective
        return min(loss, self._losses[report.trial]) if math.isfinite(loss) else INFEASIBLE

    def _next_job(self) -> Job | None:
        climber = self._climber()
        if climber is not None:
            trial, level = climber
            self._ladder.leave(trial, level - 1)
            return self._job(trial, level)
        return None if self._all_asked else self._job(self._new_trial(), 0)

    def _climber(self) -> tuple[int, int] | None:
        return self._ladder.climber(self._all_asked, self._running.values())

    def _new_trial(self) -> int:
        trial = len(self._points)
        point, round_ = self._draw(trial)
        self._points.append(point)
        self._losses.append(INFEASIBLE)
        self._round_of.append(round_)
        return trial

    def _job(self, trial: int, level: int) -> Job:
        self._running[trial] = level
        return Job(
            trial,
            self.space.config(self._points[trial]),
            start=self._reached.get(trial, 0),
            stop=self._ladder.rungs[level].epochs,
            round=self._round_of[trial],
            seed=self.seed,
        )
