"""The search: the scheduler's jobs as parts of training, a model a fold, many at once."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, NamedTuple

from sklearn.base import clone

from sweeps.schedulers import CoarseToFine, CoarseToFineSettings
from sweeps.sklearn.candidates import Candidates
from sweeps.sklearn.folds import Given, Judge, Outcome, Part, Prepared, Rows, Sealed, mean_of, train_part
from sweeps.sklearn.growth import Growth
from sweeps.sklearn.workers import Workers
from sweeps.trial import Job, Report
from sweeps.trial import Outcome as JobOutcome

WAVE = 4  # jobs decided on at once, so that workers do not wait for one trial's folds
SETTINGS = CoarseToFineSettings(first_round=8, rungs=3)


class Folds(NamedTuple):
    """What every trial is trained on, and how.

    Attributes:
        make: The model of a trial's parameters, not fitted.
        epochs: For how long at most.
        best: Whether a trial is kept as it stood after its best number of epochs.
        metric: Of several the one to go by; None for the first or only one.
    """

    make: Callable[[dict[str, Any]], Any]
    rows: Sequence[Rows | Prepared]
    given: Sequence[Given]
    growth: Growth
    epochs: int
    best: bool
    judge: Judge
    metric: str | None

    def stops(self, start: int, stop: int) -> tuple[int, ...]:
        """Where a job is scored: at its end. Where the best number of epochs is looked for, twice as often as
        the scheduler hears of it, unless a solver begins anew with each call."""
        if not self.best or self.growth.kind == "more":
            return (stop,)
        marks = {round(self.epochs / SETTINGS.factor ** (k / 2)) for k in range(2 * SETTINGS.rungs - 1)}
        return tuple(sorted({mark for mark in marks if start < mark < stop} | {stop}))


@dataclass
class Trial:
    """A config, and how it stands on each fold.

    Attributes:
        epochs: How long it has been trained for.
        kept: As it stood after so many epochs it counts.
        score: The mean over the folds then.
        whole: Whether nothing of it is left to train: it has all epochs, or all of its models have ended, or
            a third of its epochs were better than all of them.
    """

    params: dict[str, Any]
    models: list[Any]
    outcomes: list[Outcome] = field(default_factory=list)
    epochs: int = 0
    kept: int = 0
    score: float = math.nan
    whole: bool = False

    def take(self, fresh: dict[int, Outcome], stop: int, folds: Folds) -> None:
        """What a job gave: an outcome for each fold that was trained."""
        earlier = dict(enumerate(self.outcomes))
        added = {f: out.after(earlier[f]) if f in earlier else out for f, out in fresh.items()}
        self.outcomes = [outcome for _, outcome in sorted((earlier | added).items(), key=itemgetter(0))]
        self.epochs = stop
        self.score, self.kept = self._standing(folds)
        past = folds.best and self.kept * SETTINGS.factor <= stop
        self.whole = stop >= folds.epochs or past or all(outcome.ended for outcome in self.outcomes)
        if self.whole:
            self.outcomes = [outcome.over() for outcome in self.outcomes]
        self.models = [outcome.model for outcome in self.outcomes]

    @property
    def failed(self) -> bool:
        """Whether fitting failed on a fold."""
        return any(outcome.fit_error for outcome in self.outcomes)

    def _standing(self, folds: Folds) -> tuple[float, int]:
        epochs = {each.epoch for outcome in self.outcomes for each in outcome.seen}
        among = epochs if folds.best and not self.failed else {max(epochs)}
        latest_first = sorted(among, reverse=True)  # of equal ones more is surer, as of trees
        means = [(mean_of(self.outcomes, epoch, folds.metric), epoch) for epoch in latest_first]
        return max(means, key=lambda each: -math.inf if math.isnan(each[0]) else each[0])


class Search:
    """Trains what the scheduler asks for until it has finished.

    Which trials are trained, and how far, depends on the seed and the scores alone as long as `n_jobs` is
    no more than twice the folds.

    Args:
        candidates: What may be tried.
        folds: What on.
        trials: How many at most.
        seed: Of all of its draws.
        say: Called after each wave with the trials so far.

    Attributes:
        trials: In the order in which they began.
    """

    def __init__(
        self,
        candidates: Candidates,
        folds: Folds,
        *,
        trials: int,
        seed: int,
        say: Callable[[Sequence[Trial]], None],
    ) -> None:
        self._candidates, self._folds, self._say = candidates, folds, say
        self._scheduler = CoarseToFine(
            candidates.space, trials=trials, epochs=folds.epochs, mode="max", seed=seed, settings=SETTINGS
        )
        self.trials: list[Trial] = []

    def run(self, workers: Workers) -> None:
        """Raises what fitting raises if `error_score` says so; stops where all of the first round fail."""
        wave = max(WAVE, math.ceil(2 * workers.count / len(self._folds.rows)))
        while not self._scheduler.finished and not self._hopeless:
            jobs = sorted(self._scheduler.ask(wave), key=lambda job: job.trial)
            self._train(jobs, workers)
            for job in jobs:
                self._scheduler.tell(self._report(job))
            self._say(self.trials)

    @property
    def _hopeless(self) -> bool:
        if len(self.trials) < SETTINGS.first_round:
            return False
        return all(outcome.fit_error for trial in self.trials for outcome in trial.outcomes)

    def _train(self, jobs: Sequence[Job], workers: Workers) -> None:
        parts = [(job, fold) for job in jobs for fold in self._to_train(job)]
        parts.sort(key=lambda each: each[0].start - each[0].stop)  # the longest first: none is waited for
        outcomes = workers.map(train_part, [self._part(job, fold) for job, fold in parts])
        for job in jobs:
            fresh = {f: out for (of, f), out in zip(parts, outcomes, strict=True) if of is job}
            self.trials[job.trial].take(fresh, job.stop, self._folds)

    def _to_train(self, job: Job) -> list[int]:
        """The folds whose models have not ended."""
        if job.trial == len(self.trials):
            params = self._candidates.params(job.config)
            models = [self._folds.make(params) for _ in self._folds.rows]
            self.trials.append(Trial(params, models))
        return [fold for fold, model in enumerate(self.trials[job.trial].models) if model is not None]

    def _part(self, job: Job, fold: int) -> Part:
        folds, trial = self._folds, self.trials[job.trial]
        where, stops = (folds.rows[fold], folds.given[fold]), folds.stops(job.start, job.stop)
        last = job.stop >= folds.epochs
        learns_from = trial.outcomes[fold].learns_from if trial.outcomes else None
        model = Sealed(trial.models[fold])
        return Part(model, *where, folds.growth, job.start, stops, last, folds.judge, learns_from)

    def _report(self, job: Job) -> Report:
        trial = self.trials[job.trial]
        if not math.isfinite(trial.score):
            return Report(job.trial, epochs=job.stop, objective=None, outcome=JobOutcome.FAILED)
        outcome = JobOutcome.ENDED if trial.whole else JobOutcome.DONE
        return Report(job.trial, epochs=job.stop, objective=trial.score, outcome=outcome)


def make_model(base: Any, params: dict[str, Any]) -> Any:
    """A fresh estimator with these parameters; such as are estimators are copied, too."""
    return clone(base).set_params(**clone(params, safe=False))
