"""Coarse to fine, in space and in epochs, guided by a cheap model of what was seen.

The first trials fill the space with Sobol points. From then on the model (`sweeps/surrogate`) foresees for
every config the losses at the rungs, and the next job is what promises most improvement per epoch still to be
paid for it: going on with a trial that waits at a rung, or beginning a new one. New configs are sought
around the elites, the trials foreseen best, and a share of them anywhere; so the region closes in as
the elites do. Going on or not by the model is freeze-thaw optimization (Swersky et al., 2014), with rungs.
A share of the later epochs is for long shots, which early epochs have no say in.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np

from sweeps.sampling import SobolSampler
from sweeps.scheduler.budget import Budget
from sweeps.scheduler.choice import Choices
from sweeps.scheduler.climb import INFEASIBLE, Climb
from sweeps.scheduler.edges import grow, leans
from sweeps.scheduler.extension import Extension, Legal
from sweeps.scheduler.foresight import Foresight
from sweeps.scheduler.long_shots import LongShots
from sweeps.scheduler.pace import plan_length
from sweeps.scheduler.paused import Paused
from sweeps.scheduler.reasons import describe, whole_space
from sweeps.scheduler.rows import Rows
from sweeps.scheduler.rungs import rung_epochs
from sweeps.scheduler.scheduler import Region, Round, check_limits
from sweeps.scheduler.settings import CoarseToFineSettings
from sweeps.space import Config, Point, Space
from sweeps.surrogate import one_thread
from sweeps.trial import Job, Mode

_LATER_ROUND = 8  # a later round has one in so many of the trials before it
_CLIMBERS = 16  # trials of each rung that the model is asked about


class CoarseToFine(Climb):
    """The default scheduler. See `Scheduler` for how to drive it by hand.

    space: what to search. trials: how many to draw. epochs: how long the best may train.
    mode: whether a smaller ("min") or a larger ("max") objective is better.
    extend: whether a config can be trained; if given, ranges whose ends the elites lean on grow as far as
        this says yes.

    A sweep pays about as many epochs as halving would (`rung_cost`), all trials begin, and one at least
    trains to the end, if any can. Who goes on is a matter of what it promises, not of a share.
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
        extend: Legal | None = None,
    ) -> None:
        check_limits(trials, epochs, mode)
        self._settings = settings or CoarseToFineSettings()
        levels = rung_epochs(epochs, self._settings.factor, self._settings.rungs)
        super().__init__(space, levels, trials=trials, epochs=epochs, mode=mode, seed=seed)
        self._extension = Extension(space, extend) if extend else None
        self._sampler = SobolSampler(len(space.searched), seed)
        self._rng = np.random.default_rng([seed, 1])
        self._foresight = Foresight(space, len(levels), self._settings.memory)
        self._drawn_in: list[Space] = []  # by trial: the space as it was then
        self._arrivals = Rows(3)  # trial, level, loss
        self._any_feasible = self._any_completed = False
        self._paused = Paused(len(levels))
        self._plan: deque[int | Point] = deque()  # trials to go on with, points to begin new ones at
        self._budget = Budget(levels, trials, self._settings.climb)
        self._long_shots = LongShots(space, levels, self._budget, self._settings)
        self._rounds: list[Round] = []
        self._round_ends = 0

    @property
    def rounds(self) -> Sequence[Round]:
        return self._rounds

    @property
    def finished(self) -> bool:
        return self._all_begun and not self._running and not self._plan and not self._may_climb

    def _arrive(self, trial: int, level: int, ended: bool) -> None:
        loss = self._losses[trial]
        self._arrivals.append((trial, level, loss))
        self._any_feasible |= loss < INFEASIBLE
        if not ended and self._reached[trial] < self.epochs:
            self._paused.add(trial, level, loss)
        elif self._reached[trial] == self.epochs and loss < INFEASIBLE:
            self._any_completed = True

    @property
    def _may_climb(self) -> bool:
        """Whether somebody waits and the epochs will do."""
        nobody = self._all_begun and not self._any_completed and not self._running
        return bool(self._paused) and (self._epochs_left or nobody)

    @property
    def _epochs_left(self) -> bool:
        return self._budget.left(self.trials - len(self._points))

    @property
    def _long_shot_due(self) -> bool:
        if not (self._long_shots.due() and self._any_completed and self._epochs_left):
            return False
        planned = sum(not isinstance(option, int) for option in self._plan)
        return len(self._points) + planned < self.trials

    def _next_job(self) -> Job | None:
        job = self._long_shot() if self._long_shot_due else None
        job = job or self._planned()
        if job:
            self._budget.pay(job)
        return job

    def _long_shot(self) -> Job | None:
        """None where the config is a known trial's."""
        with one_thread():
            point = self._long_shots.take(self._arrivals.values, self._running, self._rng)
            known = self._foresight.knows(point)
        return None if known else self._begin_at(point, len(self._levels) - 1)

    def _planned(self) -> Job | None:
        if not self._plan:
            with one_thread():
                self._plan.extend(self._options())
        if not self._plan:
            return None
        option = self._plan.popleft()
        return self._go_on(option) if isinstance(option, int) else self._begin_at(option)

    @property
    def _may_begin(self) -> int:
        """How many more at the lowest rung: while others can go on, the last trials are for long shots."""
        left = self.trials - len(self._points)
        kept = self._long_shots.to_come if self._any_completed and self._may_climb else 0
        return max(left - kept, 0)

    def _options(self) -> list[int | Point]:
        new = self._may_begin
        if new and (len(self._points) < self._settings.first_round or not self._any_feasible):
            return [self._sampler.draw()]
        if not new and not self._may_climb:
            return []
        self._foresight.hear(self._arrivals.values)
        self._foresight.expect(list(self._running))
        climbers = self._paused.best(_CLIMBERS) if self._may_climb else []
        reached = {trial: self._reached[trial] for trial in climbers}
        count = plan_length(len(self._arrivals), all_begun=not new)
        choices = Choices(self._foresight, self._foresight.box(self._settings), self._settings, self.epochs)
        chosen = choices.best(count, reached, new, self._rng)
        return [option if isinstance(option, int) else self._or_anywhere(option) for option in chosen]

    def _or_anywhere(self, point: Point) -> Point:
        return self._sampler.draw() if self._rng.random() < self._settings.global_share else point

    def _go_on(self, trial: int) -> Job:
        self._paused.remove(trial)
        return self._job(trial, next(k for k, stop in enumerate(self._levels) if stop > self._reached[trial]))

    def _begin_at(self, point: Point, level: int = 0) -> Job:
        if len(self._points) == self._round_ends:
            point = self._begin_round(point)
        self._drawn_in.append(self.space)
        self._foresight.add(point)
        self._long_shots.add(point)
        return self._begin(point, len(self._rounds) - 1, level)

    def _config(self, trial: int) -> Config:
        return self._drawn_in[trial].config(self._points.values[trial])

    def _begin_round(self, point: Point) -> Point:
        """Record the region, which may widen the space; returns the point as the space then has it."""
        began = len(self._points)
        if not self._rounds:
            regions = whole_space(self.space, "the whole range: the first round")
        elif not self._any_feasible:
            regions = whole_space(self.space, "the whole range: no trial has given a result to narrow it")
        else:
            with one_thread():
                regions, point = self._narrowed(point)
        self._rounds.append(Round(len(self._rounds), regions))
        later = max(self._settings.round_size, began // _LATER_ROUND)
        self._round_ends = began + (later if began else self._settings.first_round)
        return point

    def _narrowed(self, point: Point) -> tuple[tuple[Region, ...], Point]:
        """The regions around the elites, and the point; where ranges may grow, those they lean on do."""
        self._foresight.hear(self._arrivals.values)
        box = self._foresight.box(self._settings)
        found = leans(self.space, box)
        if self._extension is not None:
            wider, found = grow(self.space, found, self._extension, box)
            if wider is not self.space:
                point = self._widen(wider, point)
                box = self._foresight.box(self._settings)
        return describe(self.space, box, found), point

    def _widen(self, wider: Space, point: Point) -> Point:
        """Go over to a wider space; returns the point as it has it."""
        before, self.space = self.space, wider
        points = [self._moved(self._config(trial)) for trial in range(len(self._points))]
        self._foresight = Foresight(wider, len(self._levels), self._settings.memory, points)
        self._foresight.hear(self._arrivals.values)
        self._long_shots.widen(wider, points)
        for i, option in enumerate(self._plan):
            if not isinstance(option, int):
                self._plan[i] = self._moved(before.config(option))
        return self._moved(before.config(point))

    def _moved(self, config: Config) -> Point:
        """A config's point in the space as it is now."""
        return np.nan_to_num(self.space.point(config), nan=0.5)
