"""Coarse to fine in space and in epochs.

In space: the first round fills the whole space with Sobol points; each later round samples around the
elites, the best trials so far, in each hyperparameter's own scale, and a share of it stays global.
In epochs: every trial begins with the lowest rung's epochs, and the best climb (`rungs.py`).
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sweeps.sampling import SobolSampler
from sweeps.scheduler.region import Box, box_around, describe, whole_space
from sweeps.scheduler.rungs import Ladder, rung_epochs
from sweeps.scheduler.scheduler import Region, Round, check_limits
from sweeps.space import Point, Space
from sweeps.trial import Job, Mode, Outcome, Report

_INFEASIBLE = float("inf")


@dataclass(frozen=True)
class CoarseToFineSettings:
    """The constants of the search; the defaults do well on real trainings of small networks.

    first_round, round_size: trials a round; 0 lets them grow with the sweep (16 and 8, or more).
    elites: how many trials a region is drawn around.
    spread: how far a region reaches beyond the elites, in their own standard deviations.
    floor: the least it reaches, in parts of the whole range.
    global_share: the part of later rounds that is drawn from the whole space.
    switch: how often an unordered choice is drawn anew instead of taken from an elite.
    factor, rungs, window: every rung passes on 1/factor of its last `window` arrivals.
    """

    first_round: int = 0
    round_size: int = 0
    elites: int = 6
    spread: float = 1.0
    floor: float = 0.02
    global_share: float = 0.15
    switch: float = 0.2
    factor: int = 4
    rungs: int = 3
    window: int = 32


class CoarseToFine:
    """The default scheduler. See `Scheduler` for how to drive it by hand.

    space: what to search. trials: how many to draw. epochs: how long the best may train.
    mode: whether a smaller ("min") or a larger ("max") objective is better.
    """

    def __init__(
        self,
        space: Space,
        *,
        trials: int,
        epochs: int,
        mode: Mode = "min",
        seed: int = 0,
        settings: CoarseToFineSettings | None = None,
    ) -> None:
        check_limits(trials, epochs, mode)
        self._space, self._trials, self._seed = space, trials, seed
        self._settings = settings or CoarseToFineSettings()
        self._sign = 1.0 if mode == "min" else -1.0
        levels = rung_epochs(epochs, self._settings.factor, self._settings.rungs)
        self._ladder = Ladder(levels, self._settings.factor, self._settings.window)
        self._sampler = SobolSampler(len(space.searched), seed)
        self._points: list[Point] = []
        self._losses: list[float] = []  # the best so far of each trial, smaller is better
        self._round_of: list[int] = []
        self._running: dict[int, int] = {}  # trial → the level it is on its way to
        self._reached: dict[int, int] = {}  # trial → epochs it has been trained for, where not 0
        self._rounds: list[Round] = []
        self._round_ends = 0
        self._box: Box | None = None

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
        loss = self._losses[trial]
        if report.outcome in (Outcome.INFEASIBLE, Outcome.FAILED):
            loss = _INFEASIBLE
        elif report.objective is not None:
            loss = min(loss, self._sign * report.objective)
        self._losses[trial] = loss
        self._reached[trial] = report.epochs
        self._ladder.arrive(trial, level, loss)
        if report.outcome is Outcome.ENDED:
            self._ladder.leave(trial, level)

    @property
    def finished(self) -> bool:
        return len(self._points) == self._trials and not self._running and self._climber() is None

    @property
    def rounds(self) -> Sequence[Round]:
        return self._rounds

    def _next_job(self) -> Job | None:
        climber = self._climber()
        if climber is not None:
            trial, level = climber
            self._ladder.leave(trial, level - 1)
            return self._job(trial, level)
        return self._job(self._new_trial(), 0) if len(self._points) < self._trials else None

    def _climber(self) -> tuple[int, int] | None:
        all_asked = len(self._points) == self._trials
        return self._ladder.climber(all_asked, self._running.values())

    def _job(self, trial: int, level: int) -> Job:
        self._running[trial] = level
        return Job(
            trial,
            self._space.config(self._points[trial]),
            start=self._reached.get(trial, 0),
            stop=self._ladder.rungs[level].epochs,
            round=self._round_of[trial],
            seed=self._seed,
        )

    def _new_trial(self) -> int:
        trial = len(self._points)
        if trial == self._round_ends:
            self._begin_round()
        self._points.append(self._draw(np.random.default_rng([self._seed, trial])))
        self._losses.append(_INFEASIBLE)
        self._round_of.append(len(self._rounds) - 1)
        return trial

    def _draw(self, rng: np.random.Generator) -> Point:
        if self._box is None or rng.random() < self._settings.global_share:
            return self._sampler.draw()
        return self._box.draw(rng)

    def _begin_round(self) -> None:
        first = not self._rounds
        self._box = None if first else self._box_around_elites()
        self._rounds.append(Round(len(self._rounds), self._regions(first)))
        self._round_ends += self._first_round if first else self._round_size

    def _regions(self, first: bool) -> tuple[Region, ...]:
        if self._box is not None:
            return describe(self._space, self._box)
        why = "the first round" if first else "too few trials have given a result to narrow it"
        return whole_space(self._space, f"the whole range: {why}")

    def _box_around_elites(self) -> Box | None:
        best = heapq.nsmallest(self._settings.elites, range(len(self._losses)), key=self._losses.__getitem__)
        feasible = [trial for trial in best if self._losses[trial] < _INFEASIBLE]
        if len(feasible) < max(2, self._settings.elites // 2):
            return None
        elites = np.array([self._active_point(trial) for trial in feasible])
        settings = self._settings
        return box_around(self._space, elites, settings.spread, settings.floor, settings.switch)

    def _active_point(self, trial: int) -> Point:
        """The trial's point, NaN where its config leaves a hyperparameter out."""
        point = self._points[trial]
        config = self._space.config(point)
        return np.where([name in config for name in self._space.searched], point, np.nan)

    @property
    def _first_round(self) -> int:
        return self._settings.first_round or max(16, self._trials // 16)

    @property
    def _round_size(self) -> int:
        return self._settings.round_size or max(8, self._trials // 32)
