"""Coarse to fine, in space and in epochs, guided by a cheap model of what was seen.

The first trials fill the space with Sobol points. From then on the model (`sweeps/surrogate`) foresees for
every config the losses at the rungs, and the next job is what promises most improvement per epoch still to be
paid for it: going on with a trial that waits at a rung, or beginning a new one. New configs are sought
around the elites, the trials foreseen best, and a share of them anywhere; so the region closes in as
the elites do. Going on or not by the model is freeze-thaw optimization (Swersky et al., 2014), with rungs.
A share of the later epochs is for long shots, which early epochs have no say in.
"""

from __future__ import annotations

import numpy as np

from sweeps.sampling import SobolSampler
from sweeps.scheduler.budget import Budget
from sweeps.scheduler.choice import Choices
from sweeps.scheduler.climb import INFEASIBLE
from sweeps.scheduler.extension import Legal
from sweeps.scheduler.long_shots import LongShots
from sweeps.scheduler.narrowing import Narrowing
from sweeps.scheduler.pace import plan_length
from sweeps.scheduler.paused import Paused
from sweeps.scheduler.planned import Planned
from sweeps.scheduler.rungs import rung_epochs
from sweeps.scheduler.scheduler import check_limits
from sweeps.scheduler.settings import CoarseToFineSettings
from sweeps.space import Point, Space
from sweeps.surrogate import one_thread
from sweeps.trial import Job, Mode

_DRAWS = 16  # Sobol points, in search of a config that is new
_CLIMBERS = 16  # trials of each rung that the model is asked about


class CoarseToFine(Narrowing):
    """The default scheduler. See `Scheduler` for how to drive it by hand.

    space: what to search. trials: how many to draw. epochs: how long the best may train.
    mode: whether a smaller ("min") or a larger ("max") objective is better.
    extend: whether a config can be trained; if given, ranges whose ends the elites lean on grow as far as
        this says yes.

    No config is tried twice; a space without continuous ranges may have fewer than `trials`.

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
        settings = settings or CoarseToFineSettings()
        levels = rung_epochs(epochs, settings.factor, settings.rungs)
        super().__init__(
            space, levels, settings, trials=trials, epochs=epochs, mode=mode, seed=seed, extend=extend
        )
        self._sampler = SobolSampler(len(space.searched), seed)
        self._rng = np.random.default_rng([seed, 1])
        self._any_completed = False
        self._paused = Paused(len(levels))
        self._planned = Planned()
        self._budget = Budget(levels, trials, settings.climb)
        self._long_shots = LongShots(space, levels, self._budget, settings)
        self._models.append(self._long_shots)

    @property
    def finished(self) -> bool:
        return self._all_begun and not self._running and not self._planned and not self._may_climb

    def _arrive(self, trial: int, level: int, ended: bool) -> None:
        """A trial that ended by itself is worth at the last rung what it was worth then."""
        loss = self._losses[trial]
        completed = loss < INFEASIBLE and (ended or self._reached[trial] == self.epochs)
        super()._arrive(trial, len(self._levels) - 1 if completed else level, ended)
        self._any_completed |= completed
        if not (ended or completed):
            self._paused.add(trial, level, loss)

    @property
    def _may_climb(self) -> bool:
        """Whether somebody waits and the epochs will do."""
        nobody = self._all_begun and not self._any_completed and not self._running
        return bool(self._paused) and (self._epochs_left or nobody)

    @property
    def _epochs_left(self) -> bool:
        return self._budget.left(self._to_begin)

    @property
    def _long_shot_due(self) -> bool:
        if not (self._long_shots.due() and self._any_completed and self._epochs_left):
            return False
        return self._planned.new < self._to_begin

    def _next_job(self) -> Job | None:
        job = self._long_shot() if self._long_shot_due else None
        job = job or self._next_planned()
        if job:
            self._budget.pay(job)
        return job

    def _long_shot(self) -> Job | None:
        """A new trial, or, where others have the config, one of them that waits; None where none does."""
        with one_thread():
            point = self._long_shots.take(self._arrivals.values, self._running, self._rng)
        last = len(self._levels) - 1
        known = self._foresight.trials_at(point)
        if not known:
            return self._begin_at(point, last)
        waiting = [trial for trial in known if trial in self._paused and trial not in self._planned.climbers]
        return self._go_on(waiting[0], last) if waiting else None

    def _next_planned(self) -> Job | None:
        if not self._planned:
            with one_thread():
                self._planned.extend(self._options())
        if not self._planned:
            return None
        option = self._planned.take()
        if isinstance(option, int):
            return self._climb(option)
        # Where there are few configs, another trial may have this one by now, and there may be none left.
        return self._begin_at(self._untried.instead(option)) if self._to_begin else self._next_planned()

    @property
    def _may_begin(self) -> int:
        """How many more at the lowest rung: while others can go on, the last trials are for long shots."""
        left = self._to_begin
        kept = self._long_shots.to_come if self._may_climb else 0
        return max(left - kept, 0)

    def _options(self) -> list[int | Point]:
        new = self._may_begin
        if new and (len(self._points) < self._settings.first_round or not self._any_feasible):
            return [self._anywhere()]
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
        return self._anywhere(otherwise=point) if self._rng.random() < self._settings.global_share else point

    def _anywhere(self, otherwise: Point | None = None) -> Point:
        """The next Sobol point whose config is no trial's, if one of the next few is; else that, or any."""
        for _ in range(_DRAWS):
            point = self._sampler.draw()
            if not self._foresight.trials_at(point):
                return point
        return point if otherwise is None else otherwise

    def _climb(self, trial: int) -> Job:
        above = (level for level, stop in enumerate(self._levels) if stop > self._reached[trial])
        return self._go_on(trial, next(above))

    def _go_on(self, trial: int, level: int) -> Job:
        self._paused.remove(trial)
        return self._job(trial, level)

    def _widen(self, wider: Space) -> None:
        self._planned.clear()  # it was made for the space before
        super()._widen(wider)
