"""What is known of every trial so far: the one place where reports become table rows."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Self

from sweeps.columns import as_columns
from sweeps.events import JobReported, JobRetried
from sweeps.objective import Objective, new_objective, standing
from sweeps.observation import Observation
from sweeps.space import Config
from sweeps.spec.objective import ObjectiveRule
from sweeps.store import JobRow, RunDirectory, TrialRow, change_rows
from sweeps.sweep.ranking import Ranking, Standing
from sweeps.trial import Change, Job, Mode, Outcome, Report, Status

_SAY_SECONDS = 30.0  # in training without an epoch, after which the log has them

_STATUS = {
    Outcome.RUNNING: Status.RUNNING,
    Outcome.DONE: Status.PAUSED,
    Outcome.ENDED: Status.COMPLETED,
    Outcome.INFEASIBLE: Status.INFEASIBLE,
    Outcome.FAILED: Status.FAILED,
    Outcome.STOPPED: Status.STOPPED,
}


class _OnItsWay(NamedTuple):
    """A job, since when it is asked for, and the number of its trial's job before it, 0 without one."""

    job: Job
    asked: float
    before: int


class Unwritten:
    """In place of a run directory, where somebody watches a sweep and writes nothing."""

    @property
    def trials(self) -> Self:
        return self

    metrics = jobs = changes = trials

    def put(self, row: TrialRow) -> None: ...

    def widen(self, config: Config) -> None: ...

    def append(self, *row: object) -> None: ...


@dataclass
class Ledger:
    """Keeps the trials' rows, counts and best, and passes what changed on to the tables.

    directory: has the tables.
    rule: how a trial's epochs make its objective. epochs: how many a trial may train; there, it is completed.
    counts: trials of the search by status. repeat_counts: repeats of finalists by status.
    trained_epochs: of all trials. search_epochs: of those of the search.
    best: the trial of the search with the best `standing`. A repeat is never it: each finalist would have
        several tickets. One measured elsewhere neither: limits go by what is trained here.
    """

    directory: RunDirectory | Unwritten
    metric: str
    mode: Mode
    epochs: int
    rule: ObjectiveRule = field(default_factory=ObjectiveRule)
    rows: dict[int, TrialRow] = field(default_factory=dict)
    counts: Counter[Status] = field(default_factory=Counter)
    repeat_counts: Counter[Status] = field(default_factory=Counter)
    trained_epochs: int = 0
    search_epochs: int = 0
    best: TrialRow | None = None
    first_error: str | None = None
    _best_standing: Standing | None = None  # as it was when its trial became the best
    _best_job: int = 0  # the number of the job in which it did
    _numbers: dict[int, int] = field(default_factory=dict)  # of each trial's last job, as they were asked for
    _ended: list[int] = field(default_factory=list)  # in order, of each trial's last job that has ended
    _count: int = 0
    _objectives: dict[int, Objective] = field(default_factory=dict)  # of trials that may go on
    _said: dict[int, float] = field(default_factory=dict)  # seconds of jobs, as the log has them, by trial
    _jobs: dict[int, _OnItsWay] = field(default_factory=dict)  # by trial
    _configs: dict[int, list[tuple[int, Config]]] = field(
        default_factory=dict
    )  # from which epoch on, by trial

    def __post_init__(self) -> None:
        self._ranking = Ranking(self._standing_of, lambda: self.rows)

    def begin(self, job: Job, time: float = 0.0) -> None:
        """A job is on its way to a worker; time: since when it is asked for."""
        again = self._jobs.get(job.trial)  # it had not ended
        before = self._numbers.get(job.trial, 0) if again is None else again.before
        self._jobs[job.trial] = _OnItsWay(job, time, before)
        self._count += 1
        self._numbers[job.trial] = self._count
        row = self.rows.get(job.trial)
        if row is None:
            row = TrialRow(job.trial, job.round, job.config, seed=job.seed, repeats=job.repeats)
            if job.parent is not None:
                row.parent, row.parent_epoch = job.parent
                row.epochs = job.first
            self.rows[job.trial] = row
            self._counts_of(row)[Status.RUNNING] += 1
            self._replace(job.replaces)
        if job.change is not None:
            self._change(row, job, job.change, time)
        self._move(row, Status.RUNNING)

    def _replace(self, trial: int | None) -> None:
        """Another trial goes on in place of this one, which ends where it is."""
        row = None if trial is None else self.rows.get(trial)
        if row is not None and row.status is Status.PAUSED:
            self._move(row, Status.STOPPED)

    def _change(self, row: TrialRow, job: Job, change: Change, time: float) -> None:
        """The trial goes on with another config; what is asked for again was taken in before."""
        begins = change.epoch == job.first
        known = self._configs.setdefault(job.trial, [] if begins else [(job.first, change.before)])
        if (change.epoch, job.config) in known:
            return
        known.append((change.epoch, job.config))
        row.config = job.config
        self.directory.trials.widen(job.config)
        for each in change_rows(job, time):
            self.directory.changes.append(each)

    @property
    def best_as_trained(self) -> TrialRow | None:
        """`best`, with the config that was trained at its best epoch."""
        best = self.best
        if best is None or best.best_epoch is None or best.trial not in self._configs:
            return best
        return replace(best, config=self.config_at(best.trial, best.best_epoch))

    def changed(self) -> list[tuple[int, int]]:
        """The trials and epochs at which a config was changed."""
        return [(trial, epoch) for trial, known in self._configs.items() for epoch, _ in known if epoch]

    def config_at(self, trial: int, epoch: int) -> Config:
        """The config that the trial's checkpoint of an epoch was trained with."""
        row = self.rows[trial]
        if row.parent is not None and row.parent_epoch == epoch:
            return self.config_at(row.parent, epoch)
        known = self._configs.get(trial, [(0, row.config)])
        before = [config for first, config in known if first < epoch]
        return before[-1] if before else known[0][1]

    def _objective(self, row: TrialRow) -> Objective:
        """What makes the trial's objective of its epochs, from where its row stands."""
        found = self._objectives.get(row.trial)
        if found is None:
            found = self._objectives[row.trial] = new_objective(self.rule, self.mode)
            found.value, found.epoch = row.objective, row.best_epoch
        return found

    def know(self, seen: Observation) -> None:
        """A trial that was measured elsewhere, which is none of those that are compared here."""
        row = TrialRow(seen.trial, seen.round, seen.config, status=Status.MEASURED)
        row.objective, row.epochs = seen.objective, seen.epochs
        self.rows[seen.trial] = row
        self.counts[Status.MEASURED] += 1
        self.directory.trials.put(row)

    def record(self, report: Report, time: float = 0.0) -> JobReported:
        """Take in a report, final or not, and say what is new in it; rows that are known are passed over."""
        row = self.rows[report.trial]
        objective = self._objective(row)
        # One that was ended from outside says nothing of its epochs; the table knows them.
        epochs = report.epochs if report.rows else max(report.epochs, row.epochs)
        first = epochs - len(report.rows)
        new = report.rows[max(row.epochs - first, 0) :]
        columns = as_columns(new)
        for epoch, metric in enumerate(columns.get(self.metric, ()), start=epochs - len(new) + 1):
            objective.add(epoch, metric)
        value, best_epoch = _as_it_stands(report.outcome, objective)
        event = JobReported(
            time=time,
            trial=report.trial,
            epochs=epochs,
            outcome=report.outcome,
            objective=value,
            best_epoch=best_epoch,
            rows=columns,
            count=len(new),
            seconds=report.seconds + (report.silent if report.outcome is Outcome.RUNNING else 0.0),
            worker=report.worker,
            error=report.error,
            started=report.started,
        )
        self._take(row, event)
        return event

    def replay(self, event: JobReported) -> None:
        """Take in a report of an earlier process. The sweep's rule may have changed since."""
        row = self.rows[event.trial]
        objective = self._objective(row)
        for epoch, value in enumerate(event.rows.get(self.metric, ()), start=event.epochs - event.count + 1):
            objective.add(epoch, value)
        value, best_epoch = _as_it_stands(event.outcome, objective)
        self._take(row, replace(event, objective=value, best_epoch=best_epoch))

    def retry(self, event: JobRetried) -> None:
        """A trial is trained again; the time of the attempt that was lost stays."""
        row = self.rows[event.trial]
        row.seconds += event.seconds
        self.directory.trials.put(row)
        self._said.pop(event.trial, None)

    def is_news(self, event: JobReported) -> bool:
        """Whether the log is to have a report: for what it says, or for time that would be lost with us."""
        if event.outcome is not Outcome.RUNNING:
            self._said.pop(event.trial, None)
            return True
        news = event.count > 0 or event.seconds >= self._said.get(event.trial, 0.0) + _SAY_SECONDS
        if news:
            self._said[event.trial] = event.seconds
        return news

    def _take(self, row: TrialRow, event: JobReported) -> None:
        self.directory.metrics.append(row.trial, event.epochs - event.count + 1, event.count, event.rows)
        row.objective, row.best_epoch = event.objective, event.best_epoch
        self.trained_epochs += event.count
        self.search_epochs += event.count if row.repeats is None else 0
        row.epochs = max(row.epochs, event.epochs)
        row.worker = event.worker
        if event.outcome is not Outcome.RUNNING:
            row.seconds += event.seconds
            row.error = event.error
            self._close_job(event)
        if event.outcome.lost:
            self.first_error = self.first_error or event.error
        self._move(row, self._status(event.outcome, row))
        if row.status is Status.COMPLETED and self.rule.kind == "best":
            del self._objectives[row.trial]  # should the trial go on, its row says all that is needed

    def top(self, count: int) -> list[TrialRow]:
        """The trials of the search with the best standings, the best first; `best` is the first of them."""
        return [self.rows[trial] for trial in self._ranking.first(count)]

    def since_best(self) -> int:
        """How many trials of the search have ended a job that was asked for after that of the best objective.

        By the order of asking: that of ending depends on the workers.
        """
        return len(self._ended) - bisect_right(self._ended, self._best_job)

    def _replace_ended(self, before: int, now: int) -> None:
        """A job of the search has ended, which counts instead of its trial's job before it."""
        if before:
            del self._ended[bisect_left(self._ended, before)]
        insort(self._ended, now)

    def _close_job(self, event: JobReported) -> None:
        if event.trial not in self._jobs:  # it has ended before
            return
        job, asked, before = self._jobs.pop(event.trial)
        if job.repeats is None:
            self._replace_ended(before, self._numbers[event.trial])
        self.directory.jobs.append(
            JobRow(
                trial=job.trial,
                start=job.start,
                stop=job.stop,
                asked=asked,
                started=event.started or None,
                ended=event.time,
                seconds=event.seconds,
                worker=event.worker,
                outcome=event.outcome.value,
            )
        )

    def close(self, interrupted: bool) -> None:
        """The sweep is over: nothing runs, and nobody waits for a promotion unless it was interrupted."""
        for row in self.rows.values():
            status = status_in_the_end(row.status, interrupted)
            if status is not row.status:
                self._move(row, status)

    def _status(self, outcome: Outcome, row: TrialRow) -> Status:
        done = outcome is Outcome.DONE and row.epochs >= self.epochs
        return Status.COMPLETED if done else _STATUS[outcome]

    def _move(self, row: TrialRow, status: Status) -> None:
        counts = self._counts_of(row)
        counts[row.status] -= 1
        counts[status] += 1
        row.status = status
        self.directory.trials.put(row)
        self._update_best(row)

    def _counts_of(self, row: TrialRow) -> Counter[Status]:
        return self.counts if row.repeats is None else self.repeat_counts

    def _update_best(self, row: TrialRow) -> None:
        """Whether the row is the best now; where the best has become worse, another one may be."""
        if row.repeats is not None:
            return
        standing = self._standing(row)
        if standing is not None:
            self._ranking.hear(row.trial, standing)
        if self._beats_best(row, standing):
            self._crown(row)
        elif row is self.best and standing != self._best_standing:
            best = self._ranking.best()
            self._crown(None if best is None else self.rows[best])

    def _crown(self, row: TrialRow | None) -> None:
        self.best, self._best_standing = row, None if row is None else self._standing(row)
        self._best_job = self._best_job if row is None else self._numbers[row.trial]

    def _beats_best(self, row: TrialRow, its: Standing | None) -> bool:
        if its is None or self.best is None or self._best_standing is None:
            return its is not None
        # Of equals the earlier trial, whichever came in first.
        return (its, row.trial) < (self._best_standing, self.best.trial)

    def _standing_of(self, trial: int) -> Standing | None:
        row = self.rows[trial]
        return None if row.repeats is not None else self._standing(row)

    def _standing(self, row: TrialRow) -> Standing | None:
        if row.objective is None or row.status is Status.MEASURED:
            return None
        return standing(row.objective, row.status is Status.COMPLETED, self.rule, self.mode)


def status_in_the_end(status: Status, interrupted: bool) -> Status:
    """What a trial's status becomes when its sweep is over."""
    if status is Status.RUNNING:
        return Status.INTERRUPTED
    return Status.STOPPED if status is Status.PAUSED and not interrupted else status


def _as_it_stands(outcome: Outcome, objective: Objective) -> tuple[float | None, int | None]:
    """A trial's objective and its epoch; none where the trial is lost."""
    return (None, None) if outcome.lost else (objective.value, objective.epoch)
