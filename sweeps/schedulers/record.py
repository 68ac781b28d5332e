"""The record of trials: what a search has begun, how far each trial was trained, and how it stands."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from sweeps.observation import Observation
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

    Observed trials come before all others, and count as begun, but for those measured elsewhere. One whose
    config lies outside the space is never trained on and never compared.

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
        self.waiting: deque[int] = deque()  # observed trials that are to be trained up to the lowest rung
        self.outside: set[int] = set()  # observed trials whose configs are none of the space's
        self.losses: list[float] = []  # of each trial as it stands, smaller is better
        self._mode, self._seed = mode, seed
        self._observed: list[Config] = []
        self._points = Rows(len(space.searched))  # of the trials that began here
        self._spaces: list[Space] = []  # of these: the space that its point lies in
        self._rounds: list[int] = []
        self._reached: dict[int, int] = {}  # trial → epochs it has been trained for, where not 0
        self._seeds: dict[int, int] = {}  # of observed trials that have their own

    def __len__(self) -> int:
        """How many trials have begun."""
        return len(self._observed) + len(self._points)

    @property
    def inside(self) -> int:
        """How many of them have a config of the space's."""
        return len(self) - len(self.outside)

    @property
    def to_begin(self) -> int:
        """How many more trials may begin; there are no more than configs."""
        return self.untried.fewer(self.trials - len(self))

    @property
    def exhausted(self) -> bool:
        """Whether the space has no config left for trials that might begin."""
        return len(self) < self.trials and not self.to_begin

    @property
    def pending(self) -> dict[int, int]:
        """The trials in training that will be compared, and the level each is on its way to."""
        if not self.outside:
            return self.running
        return {trial: level for trial, level in self.running.items() if trial not in self.outside}

    def reached(self, trial: int) -> int:
        """How many epochs a trial has been trained for."""
        return self._reached.get(trial, 0)

    def config(self, trial: int) -> Config:
        """A trial's config, which it keeps where the space grows."""
        if trial < len(self._observed):
            return self._observed[trial]
        place = trial - len(self._observed)
        return self._spaces[place].config(self._points.values[place])

    def begin(self, space: Space, point: Point, round_: int, level: int = 0) -> Job:
        """The first job of a new trial, as far as to this level."""
        trial = len(self)
        self._points.append(point)
        self._spaces.append(space)
        self._rounds.append(round_)
        self.losses.append(INFEASIBLE)
        config = self.config(trial)
        self.untried.add(config)
        return self._job(trial, config, level)

    def go_on(self, trial: int, level: int) -> Job:
        """The next job of a trial that is not in training."""
        return self._job(trial, self.config(trial), level)

    def _job(self, trial: int, config: Config, level: int) -> Job:
        self.running[trial] = level
        return Job(
            trial,
            config,
            start=self.reached(trial),
            stop=self.levels[level],
            round=self._rounds[trial],
            seed=self._seeds.get(trial, self._seed),
        )

    def take(self, report: Report) -> Arrival | None:
        """Write down what a job gave back; None where that says nothing of the trial: it was stopped, lies
        outside the space, or has come to no rung yet and is to be trained on to the lowest."""
        trial, level = report.trial, self.running.pop(report.trial)
        if report.outcome is Outcome.STOPPED:
            return None
        self._reached[trial] = report.epochs
        if trial in self.outside:
            return None
        if report.outcome is Outcome.DONE and report.epochs < self.levels[0]:
            self.waiting.append(trial)
            return None
        self.losses[trial] = loss = self._loss(report)
        # One that reported the metric late was trained past its rung: it stands at the last one passed.
        level = max(level, self._passed(report.epochs))
        return Arrival(trial, level, loss, report.outcome is Outcome.ENDED or loss == INFEASIBLE)

    def observe(self, seen: Observation) -> list[Arrival]:
        """Write down a trial that was not asked for here; before any trial begins here.

        Returns its arrivals, as far as they are known, the lowest rung's first. Of a trial in training they
        are those of rungs below the one that it is on its way to. `ended` is of the last one alone: where it
        is not set, and the trial is not in training, it waits there.
        """
        trial, own = len(self), self.untried.observe(seen.config)
        self._observed.append(seen.config if own is None else own)
        self._rounds.append(seen.round)
        self._reached[trial] = seen.epochs
        self.trials += seen.measured  # which is none of those that are to begin
        self.losses.append(INFEASIBLE)
        if seen.seed is not None:
            self._seeds[trial] = seen.seed
        if seen.running:
            self.running[trial] = max(self._passed(seen.paid), 0)
        if own is None:
            self.outside.add(trial)
            return []
        if seen.waits and seen.epochs < self.levels[0]:
            self.waiting.append(trial)
            return []
        return self._arrivals(seen)

    def _arrivals(self, seen: Observation) -> list[Arrival]:
        """The arrivals of an observed trial inside the space; where it is over, the last is at the rung that
        it was on its way to."""
        self.losses[seen.trial] = loss = self._signed(seen.result)
        earlier = [(epochs, self._signed(value)) for epochs, value in seen.earlier]
        losses = {self._passed(epochs): value for epochs, value in earlier if value < INFEASIBLE}
        if seen.running or seen.outcome is Outcome.STOPPED:  # which say nothing if they have no result yet
            last = self._passed(seen.epochs)
            losses |= {last: loss} if loss < INFEASIBLE else {}
        else:
            last = self._passed(seen.epochs) if seen.waits else self._last_before(seen.epochs)
            losses[last] = loss
        top = min(last, self.running.get(seen.trial, last + 1) - 1)
        ended = not seen.waits or loss == INFEASIBLE
        levels = [level for level in sorted(losses) if 0 <= level <= top]
        return [Arrival(seen.trial, level, losses[level], ended and level == last) for level in levels]

    def _last_before(self, epochs: int) -> int:
        """The level that a trial of so many epochs was on its way to."""
        return min(bisect_left(self.levels, epochs), len(self.levels) - 1)

    def _passed(self, epochs: int) -> int:
        """The highest level that so many epochs reach; -1 where they reach none."""
        return bisect_right(self.levels, epochs) - 1

    def _loss(self, report: Report) -> float:
        if report.outcome.lost:
            return INFEASIBLE
        return self.losses[report.trial] if report.objective is None else self._signed(report.objective)

    def _signed(self, objective: float | None) -> float:
        if objective is None or not math.isfinite(objective):
            return INFEASIBLE
        return objective if self._mode == "min" else -objective
