"""Coarse to fine, in space and in epochs, guided by a cheap model of what was seen.

The first trials fill the space with Sobol points. From then on the model (`sweeps/surrogate`) predicts for
every config the losses at the rungs, and the next job is the one with the greatest expected improvement per
epoch still to be paid for it: promoting a trial that is paused at a rung, or beginning a new one. New configs
are sought around the elites, the trials expected to be best, and a share of them anywhere; so the region
closes in as the elites do. To promote by the model is freeze-thaw optimization (Swersky et al., 2014), with
rungs. A share of the later epochs is for long shots, which early epochs have no say in.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from sweeps.knowledge import Knowledge
from sweeps.observation import Observation
from sweeps.schedulers.coarse_to_fine.acquisition import Acquisition
from sweeps.schedulers.coarse_to_fine.budget import Budget, batch_size
from sweeps.schedulers.coarse_to_fine.earlier_results import EarlierResults
from sweeps.schedulers.coarse_to_fine.likely import Likely
from sweeps.schedulers.coarse_to_fine.long_shots import LongShots
from sweeps.schedulers.coarse_to_fine.queues import Paused, Queue
from sweeps.schedulers.coarse_to_fine.range_growth import Legal
from sweeps.schedulers.coarse_to_fine.rounds import Rounds, point_in, points_in, trial_point
from sweeps.schedulers.coarse_to_fine.settings import CoarseToFineSettings
from sweeps.schedulers.coarse_to_fine.surrogate_model import SurrogateModel
from sweeps.schedulers.protocol import check_limits
from sweeps.schedulers.record import INFEASIBLE, Arrival, TrialRecord
from sweeps.schedulers.rungs import rung_epochs
from sweeps.schedulers.sampling import Draws, SobolSampler
from sweeps.space import Point, Space
from sweeps.surrogate import one_thread
from sweeps.trial import Job, Mode, Outcome, Report, Round


class CoarseToFine:
    """The default scheduler. See `Scheduler` for how to drive it by hand.

    A sweep pays about as many epochs as halving would (`rung_cost`), all trials begin, and one at least
    trains to the end, if any can. Which trial is promoted is a matter of its expected improvement, not of a
    share. No config is tried twice; a space without continuous ranges may have fewer than `trials`.

    Args:
        space: What to search.
        trials: How many configs to try.
        epochs: How long the best may train.
        mode: Whether a smaller ("min") or a larger ("max") objective is better.
        seed: Of all draws, and of the training.
        settings: The constants; one set of defaults is for all problems.
        extend: Whether a config can be trained; if given, ranges whose ends the elites lean on grow as far as
            this says yes.
        earlier: What earlier sweeps have found. It is knowledge for the model, which learns how much each has
            to say; none of it counts as a trial of this sweep.

    Raises:
        BadInput: On limits that no sweep can have.

    Examples:
        >>> scheduler = CoarseToFine(Space({"learning_rate": {"log": [1e-4, 1e-1]}}), trials=64, epochs=27)
        >>> [(job.trial, job.stop) for job in scheduler.ask(capacity=2)]
        [(0, 1), (1, 1)]
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
        earlier: Sequence[Knowledge] = (),
    ) -> None:
        check_limits(trials, epochs, mode)
        self.space, self.trials, self.epochs, self.mode, self.seed = space, trials, epochs, mode, seed
        self._settings = settings = settings or CoarseToFineSettings()
        levels = rung_epochs(epochs, settings.factor, settings.rungs)
        self._last = len(levels) - 1
        self._record = TrialRecord(space, levels, trials=trials, mode=mode, seed=seed)
        self._earlier = EarlierResults(earlier, levels, settings.earlier_memory) if earlier else None
        self._model = SurrogateModel(space, len(levels), settings, earlier=self._earlier)
        self._likely = Likely(space, trials)
        self._rounds = Rounds(space, self._record, self._model, settings, extend)
        self._budget = Budget(levels, trials, settings.promotion_share)
        self._long_shots = LongShots(space, levels, self._budget, settings, earlier)
        self._paused = Paused(len(levels))
        self._queue = Queue()
        self._any_completed = False
        self._sampler = SobolSampler(len(space.searched), seed)
        self._draws, self._long_shot_draws = Draws(seed, 1), Draws(seed, 2)
        self._decided = 0  # jobs, observed trials among them: the number that draws go by

    def ask(self, capacity: int) -> list[Job]:
        jobs: list[Job] = []
        while len(jobs) < capacity and (job := self._next_job()) is not None:
            self._budget.pay(job)
            self._decided += 1
            jobs.append(job)
        return jobs

    def tell(self, report: Report) -> None:
        """A trial that ended by itself is worth at the last rung what it was worth then."""
        arrival = self._record.take(report)
        if arrival is None:
            return
        trial, loss, ended = arrival.trial, arrival.loss, arrival.ended
        completed = loss < INFEASIBLE and (ended or self._record.reached(trial) >= self.epochs)
        self._learn(arrival, completed)
        if not (ended or completed):
            self._paused.add(trial, arrival.level, loss)
        self._outgrow()

    def observe(self, observations: Sequence[Observation], rounds: int = 0) -> None:
        """The model learns from those that lie inside the space, and the first round counts them.

        Ranges that may grow first do, as they would here, where observed configs lie beyond them. Trials that
        have come to no rung yet are trained to the lowest before new ones begin.
        """
        if self._go_over(self._rounds.to_hold(self.space, [seen.config for seen in observations])):
            self._model.reset(self.space, ())
        for seen in observations:
            self._stand(seen, self._record.observe(seen))
        trained = sum((seen.epochs > 0 or not seen.waits) and not seen.measured for seen in observations)
        self._budget.observe(sum(seen.paid for seen in observations), trained)
        self._rounds.observe(rounds)
        self._decided = len(observations)
        self._outgrow()

    @property
    def planned_epochs(self) -> float:
        """What the search is to cost in all, unless the space has too few configs for that."""
        return self._budget.total

    @property
    def finished(self) -> bool:
        nothing_to_do = not self._record.to_begin and not self._queue and not self._may_promote
        return nothing_to_do and not self._record.waiting and not self._record.running

    @property
    def rounds(self) -> Sequence[Round]:
        return self._rounds.begun

    @property
    def worth(self) -> dict[str, float]:
        """How alike the results of each earlier sweep are to this one's: 0 says nothing, 1 is the same."""
        return {} if self._earlier is None else self._earlier.named(self._model.worth)

    def _learn(self, arrival: Arrival, completed: bool = False) -> None:
        """A result for the models."""
        level = self._last if completed else arrival.level
        for learner in (self._model, self._long_shots):
            learner.add_result(arrival.trial, level, arrival.loss)
        self._any_completed |= completed

    def _stand(self, seen: Observation, arrivals: Sequence[Arrival]) -> None:
        """Take in an observed trial: what is known of it, and whether it may be promoted."""
        for learner in (self._model, self._long_shots):
            learner.add_trial(trial_point(self.space, self._record, seen.trial))
            if not (arrivals or seen.waits or seen.running):
                learner.rule_out(seen.trial)
        for arrival in arrivals[:-1]:
            self._learn(arrival)
        for arrival in arrivals[-1:]:
            trained = seen.waits and seen.epochs >= self.epochs
            completed = arrival.loss < INFEASIBLE and (trained or seen.outcome is Outcome.ENDED)
            self._learn(arrival, completed)
            if seen.waits and not (arrival.ended or completed):
                self._paused.add(seen.trial, arrival.level, arrival.loss)

    def _outgrow(self) -> None:
        """Where all configs have been tried, ranges that may grow do."""
        if self._rounds.may_grow and self._record.exhausted and not self._record.running:
            self._go_over(self._rounds.outgrow(self.space))

    def _next_job(self) -> Job | None:
        if self._record.waiting:
            return self._record.go_on(self._record.waiting.popleft(), 0)
        job = self._long_shot() if self._long_shot_due else None
        return job or self._next_queued()

    def _long_shot(self) -> Job | None:
        """A new trial, or, where others have the config, one of them that is paused; None where none is."""
        with one_thread():
            rng = self._long_shot_draws.of(self._decided)
            point = self._long_shots.take(self._record.pending, rng)
        known = self._model.trials_at(point)
        if not known:
            return self._begin(point, self._last)
        promotions = self._queue.promotions
        waiting = [trial for trial in known if trial in self._paused and trial not in promotions]
        return self._promote(waiting[0], self._last) if waiting else None

    def _next_queued(self) -> Job | None:
        """The job decided on next; None where running jobs must be heard of first, or nothing is left."""
        if not self._queue:
            with one_thread():
                self._queue.extend(self._decide())
        if not self._queue:
            return None
        decided = self._queue.take()
        if isinstance(decided, int):
            return self._promote(decided)
        # Where there are few configs, another trial may have this one by now, and there may be none left.
        if not self._record.to_begin:
            return self._next_queued()
        return self._begin(self._record.untried.instead(decided))

    def _decide(self) -> list[int | Point]:
        """The next batch: trials to promote, by number, and points to begin new ones at."""
        new = self._may_begin
        if new and (self._rounds.filling or not self._model.may_decide):
            known, number = self._best_of_earlier(), len(self._record)
            return [self._likely.first(number, self._anywhere(number)) if known is None else known]
        if not new and not self._may_promote:
            return []
        self._model.update()
        self._model.set_pending(list(self._record.pending))
        paused = self._paused.best(self._settings.paused) if self._may_promote else []
        reached = {trial: self._record.reached(trial) for trial in paused}
        count = batch_size(self._model.results, self._settings, all_begun=not new)
        belief = partial(self._likely.bonus, begun=len(self._record)) if self._likely.said else None
        acquisition = Acquisition(self._model, self._settings, self.epochs, belief)
        rng = self._draws.of(self._decided)
        chosen = acquisition.best(count, reached, new, rng)
        anywhere = rng.random(len(chosen)) < self._settings.global_share
        for i in np.flatnonzero(anywhere).tolist():
            point = chosen[i]
            if not isinstance(point, int):
                chosen[i] = self._anywhere(self._decided + i, otherwise=point)
        return chosen

    def _best_of_earlier(self) -> Point | None:
        """The next of earlier sweeps' best configs that this one has not tried, for its first few trials."""
        if self._earlier is None or len(self._record) >= self._settings.earlier_first:
            return None
        points = self._earlier.best_points(self.space)
        return next((point for point in points if not self._model.trials_at(point)), None)

    def _anywhere(self, number: int, otherwise: Point | None = None) -> Point:
        """The Sobol point of a number, or one of a few others from anywhere, whose config is no trial's;
        where there is none, `otherwise` or any."""
        for attempt in range(self._settings.sobol_draws):
            point = self._sampler.draw(number, attempt)
            if not self._model.trials_at(point) and self._record.untried.is_new(point):
                return point
        return point if otherwise is None else otherwise

    @property
    def _may_begin(self) -> int:
        """How many more at the lowest rung; while there are promotions, some are kept for long shots."""
        kept = self._long_shots.to_come if self._may_promote else 0
        return max(self._record.to_begin - kept, 0)

    @property
    def _may_promote(self) -> bool:
        """Whether a trial is paused and the epochs will do."""
        none = not self._record.to_begin and not self._any_completed and not self._record.running
        return bool(self._paused) and (self._epochs_left or none)

    @property
    def _long_shot_due(self) -> bool:
        if not (self._long_shots.due() and self._any_completed and self._epochs_left):
            return False
        return self._queue.new < self._record.to_begin

    @property
    def _epochs_left(self) -> bool:
        return self._budget.left(self._record.to_begin)

    def _begin(self, point: Point, level: int = 0) -> Job:
        """The first job of a new trial, with which a round may begin."""
        if self._rounds.due:
            config = self.space.config(point)
            if self._go_over(self._rounds.begin(self.space)):
                point = point_in(self.space, config)
        for learner in (self._model, self._long_shots):
            learner.add_trial(point)
        return self._record.begin(self.space, point, self._rounds.last, level)

    def _promote(self, trial: int, level: int | None = None) -> Job:
        """The next job of a paused trial, up to the next rung or to this one."""
        if level is None:
            reached = self._record.reached(trial)
            level = next(i for i, stop in enumerate(self._record.levels) if stop > reached)
        self._paused.remove(trial)
        return self._record.go_on(trial, level)

    def _go_over(self, space: Space) -> bool:
        """Search on in this space; returns whether it is another. The model has gone over by itself."""
        if space is self.space:
            return False
        self.space = space
        self._record.untried.grow(space)
        self._likely = Likely(space, self.trials)
        self._long_shots.reset(space, points_in(space, self._record))
        self._queue.clear()  # it was decided on for the space before
        return True
