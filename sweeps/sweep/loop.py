"""The sweep loop: the only place where search, execution and storage meet."""

from __future__ import annotations

import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from sweeps.errors import AllTrialsFailed, BadInput, Interrupted, LogLost, choices, last_line
from sweeps.events import EarlierJudged, Event, JobRetried, JobsAsked, Noticed, RoundBegun, SweepEnded
from sweeps.execution import NEVER_RESTORES, Executor
from sweeps.interrupt import StopFlag
from sweeps.schedulers import Finals
from sweeps.store import Lease, RunDirectory
from sweeps.sweep.bottleneck import Bottleneck
from sweeps.sweep.disk_watch import DiskWatch
from sweeps.sweep.endings import Endings
from sweeps.sweep.ledger import Ledger
from sweeps.sweep.limits import Limiter
from sweeps.sweep.progress import Callback, Observer, Progress
from sweeps.sweep.retention import CHANGED, Retention
from sweeps.trial import Checkpoint, Job, Outcome, Report, Round, Status

_POLL_SECONDS = 0.1
_SAVE = "begin with `saved = run.restore()`, and call run.save(state) before the metrics of each epoch"
_NAMES = 5  # of metrics, on the screen
_ENDED_A_JOB = 16  # a scheduler that learns has one job in flight for so many that have ended …
_JOBS_A_WORKER = 2  # … or so many for each worker, if those are more
_FAILURES = 16  # so many trials, the whole first round by default, fail before the sweep gives up


class Nudges(Protocol):
    """Where a person's decisions come from."""

    def take(self, emit: Callable[[Event], None], say: Callable[[str], None]) -> bool:
        """Take in those that wait: each is emitted, and the scheduler told; whether there were any."""

    def hear(self, event: Event) -> None:
        """What has just happened."""

    def counts(self) -> Counter[Status]:
        """How many branches have each status; between two jobs one is in training, unless it is paused."""


@dataclass
class SweepLoop:
    """Runs one sweep to its end, from the beginning or from where an earlier process has left it.

    Args:
        scheduler: Decides.
        executor: Trains.
        directory: Keeps the log, the tables and the checkpoints.
        ledger: Knows how each trial stands.
        observer: Watches.
        retention: Says which checkpoints are kept.
        trials: How many configs are tried.
        epochs: How many the best of them, and each repeat, train.
        limiter: Says when the search, a trial or the sweep has come to a limit.
        stop: Set when the sweep is to be interrupted.
        lease: Of the directory, for this process.
        retries: How often a trial that has failed is trained again.
        unfinished: Jobs that the scheduler has asked for, and whose end no process has heard of.
        retried: How often each has been, by trial.
        unwanted: Trials that the user has stopped before.
        rounds: All that have begun before.
        first_round: How many of them those are that schedulers before this one have begun.
        opening: Events to begin with: who works on the sweep, and what it searches.
        callbacks: Each is called with every event; none may raise.
        nudges: Takes in what a person asks of a model in training.

    `run` raises `BadInput` if the first jobs to end have not reported the metric, `AllTrialsFailed` when
    nothing but failures has come, `LogLost` when the log could not be written for long, and `Interrupted`
    when `stop` is set. The log is up to date then, as far as the disk allows, and so are the tables.
    """

    scheduler: Finals
    executor: Executor
    directory: RunDirectory
    ledger: Ledger
    observer: Observer
    retention: Retention
    trials: int
    epochs: int
    limiter: Limiter
    stop: StopFlag
    lease: Lease
    retries: int = 0
    retried: Counter[int] = field(default_factory=Counter)
    unwanted: Collection[int] = ()
    unfinished: Sequence[Job] = ()
    rounds: list[Round] = field(default_factory=list)
    first_round: int = 0
    opening: Sequence[Event] = ()
    callbacks: Sequence[Callback] = ()
    nudges: Nudges | None = None
    _noticed: set[str] = field(default_factory=set)
    _bottleneck: Bottleneck = field(default_factory=Bottleneck)
    _took: dict[str, list[float]] = field(default_factory=dict)

    def run(self) -> None:
        self._to_submit = deque(self.unfinished)
        self._jobs: dict[int, Job] = {}  # that are with the executor, by trial
        self._endings = Endings(
            self.limiter,
            self.scheduler,
            self.executor,
            self.directory,
            self._notice,
            self._emit,
            set(self.unwanted),
        )
        self._overtaken = False  # whether the directory is another process's by now
        self._ended = 0  # jobs
        self._idle_at = 0  # the capacity at which the scheduler last gave nothing
        self._disk = DiskWatch(self.directory, self.observer.notice)
        how, why = "failed", "of an error"
        try:
            for event in self.opening:
                self._emit(event)
            while self._to_submit or not self.scheduler.finished:
                if self.stop:
                    raise Interrupted
                if not self.lease.beat():
                    self._overtaken = True
                    raise LogLost("another process has taken the sweep over; this one ends")
                self._step()
            how, why = "complete", ""
        except KeyboardInterrupt:  # `Interrupted` is one
            how, why = "interrupted", ""
            raise
        except Exception as error:
            why = str(error)
            raise
        finally:
            self.stop.closing()
            try:
                if not self._overtaken:
                    self._close(how, why)
            finally:
                self.observer.finished(self._progress())

    def _close(self, how: str, why: str) -> None:
        self.ledger.close(interrupted=how != "complete")
        self.retention.finish(self.ledger.rows.values(), self.ledger.best)
        if worth := self.scheduler.worth:
            self._emit(EarlierJudged(time=time.time(), worth=worth))
        self._emit(SweepEnded(time=time.time(), how=how, why=why))
        if how == "complete":
            self._disk.wait_until(lambda: self.directory.commit(self.rounds))
        self.directory.close(self.rounds)
        self._disk.look_at_rest()

    def _emit(self, event: Event) -> None:
        """The next event: the log keeps it, and whoever has asked to hear of events does."""
        self.directory.log.append(event)
        self.observer.event(event)
        if self.nudges is not None:
            self.nudges.hear(event)
        for callback in self.callbacks:
            callback(event)

    def _step(self) -> None:
        if self._endings.keep(self._jobs) | self._take_nudges():
            self._idle_at = 0
        look = self._bottleneck
        if not self._disk.waits:
            with look.during("deciding"):
                self._submit()
            with look.during("writing"):
                self.directory.log.write()  # what is asked for is known before it is trained
        with look.waiting(idle=self._idle):
            reports = self.executor.poll(_POLL_SECONDS)
        with look.during("taking in reports"):
            for report in reports:
                self._take(report)
        for lost in self.executor.retried():
            event = JobRetried(time=time.time(), trial=lost.trial, why=lost.why, seconds=lost.seconds)
            self._try_again(event)
        for text in self.executor.notices():
            self._emit(Noticed(time=time.time(), text=text))
            self.observer.notice(text)
        with look.during("writing"):
            began = time.monotonic()
            if self.directory.commit_if_due(self.rounds):
                self._note_duration("flush", began)
        self._disk.look()
        self.observer.update(self._progress())

    def _take_nudges(self) -> bool:
        return self.nudges is not None and self.nudges.take(self._emit, self.observer.notice)

    def _submit(self) -> None:
        free = min(self.executor.free, self._room)
        while free > 0 and self._to_submit:
            self._start(self._to_submit.popleft(), time.time())
            free -= 1
        if free <= self._idle_at:  # it gave nothing then, and has heard of nothing since
            return
        began = time.monotonic()
        jobs = tuple(self.scheduler.ask(free))
        self._note_duration("decision", began)
        self._idle_at = 0 if jobs else free
        self._take_rounds()
        now = time.time()
        self._emit(JobsAsked(time=now, capacity=free, jobs=jobs))
        for job in jobs:
            self._start(job, now)

    @property
    def _room(self) -> int:
        """How many more jobs may be in flight; a scheduler that learns is not asked for all it has at once,
        however short jobs are."""
        if self.scheduler.blind:
            return sys.maxsize
        most = max(_JOBS_A_WORKER * self.executor.workers, self._ended // _ENDED_A_JOB)
        return max(most - len(self._jobs), 0)

    @property
    def _idle(self) -> float:
        """The share of workers that have nothing to train since the scheduler had nothing for them; where a
        person decides, none waits for a search."""
        if not self._idle_at or self.nudges is not None:
            return 0.0
        return max(0.0, 1 - len(self._jobs) / max(self.executor.workers, 1))

    def _start(self, job: Job, now: float) -> None:
        refused = self._endings.refusal(job)
        if refused is not None:
            self.ledger.begin(job, now)
            self._take(refused)
            return
        self._jobs[job.trial] = job
        self.ledger.begin(job, now)
        if job.change is not None:
            self.retention.hold(job.trial, job.change.epoch, CHANGED)
        self.retention.hold_parent(job)
        if job.replaces is not None and job.start == job.first:
            self.retention.let_go(self.ledger.rows[job.replaces])
        self.executor.submit(job, self._checkpoint(job))

    def _checkpoint(self, job: Job) -> Checkpoint | None:
        """What the job begins from: the trial's own, or its parent's."""
        if not job.start:
            return None
        store = self.directory.checkpoints
        own = store.load(job.trial, job.start)
        return store.load(*job.parent) if own is None and job.parent is not None else own

    def _take_rounds(self) -> None:
        for each in self.scheduler.rounds[len(self.rounds) - self.first_round :]:
            self.rounds.append(each)
            self._emit(RoundBegun(time=time.time(), round=each))

    def _take(self, report: Report) -> None:
        self._check_metric(report)
        self._check_saved(report)
        if report.outcome is Outcome.FAILED and self.retried[report.trial] < self.retries:
            self._retry(report)
            return
        row = self.ledger.rows[report.trial]
        self._take_prints(report)
        event = self.ledger.record(report, time.time())
        if self.scheduler.population is not None and report.outcome is not Outcome.RUNNING:
            event = replace(event, recent=report.objective)
        if self.ledger.is_news(event):
            self._emit(event)
        self.limiter.take(report)
        self._notice(report.note)
        if report.outcome is Outcome.RUNNING:
            return
        self._jobs.pop(report.trial, None)
        self._ended += 1
        self.retention.take(row, report)
        # A scheduler may keep reports; it has no use for arrays.
        outcome = report.outcome.told
        told = replace(
            report,
            epochs=event.epochs,
            objective=row.objective,
            outcome=outcome,
            checkpoint=None,
            best=None,
            prints=None,
            recent=event.recent,
        )
        self.scheduler.tell(told)
        self._idle_at = 0
        self._take_rounds()
        self._check_failures()

    def _take_prints(self, report: Report) -> None:
        if report.prints is not None and (text := self.directory.prints.take(report)):
            self.observer.printed(report.trial, text)

    def _retry(self, report: Report) -> None:
        """Train a trial that has failed again, from its last checkpoint; what it reported stays."""
        trial, job = report.trial, self._jobs[report.trial]
        self._take_prints(report)
        self._take(replace(report, outcome=Outcome.RUNNING, error=None, prints=None))
        row, store = self.ledger.rows[trial], self.directory.checkpoints
        self.retention.take(row, report)
        self.retried[trial] += 1
        why = last_line(report.error)
        event = JobRetried(
            time=time.time(),
            trial=trial,
            why=why,
            attempt=self.retried[trial],
            seconds=report.seconds,
        )
        self._try_again(event)
        self._notice(
            f"trial {trial} failed and is trained again, {self.retried[trial]} of {self.retries}: {why}"
        )
        start = max((epoch for epoch in store.epochs(trial) if epoch <= row.epochs), default=job.first)
        del self._jobs[trial]
        self._to_submit.append(replace(job, start=start))

    def _try_again(self, event: JobRetried) -> None:
        """An attempt at a trial's job was for nothing; its time counts all the same."""
        self.ledger.retry(event)
        self.limiter.retry(event.trial)
        self.directory.prints.begin(event.trial)
        self._emit(event)

    def _notice(self, text: str | None) -> None:
        """Tell the user once."""
        if text is not None and text not in self._noticed:
            self._noticed.add(text)
            self.observer.notice(text)

    def _check_metric(self, report: Report) -> None:
        """Say that nobody has reported the metric yet; end where a trial has been trained without it."""
        if self.ledger.best is not None:
            return
        metric = self.ledger.metric
        reported = {name for row in report.rows for name in row}
        if not reported or metric in reported:
            return
        if report.outcome is Outcome.RUNNING:
            names = ", ".join(sorted(reported)[:_NAMES])
            goes_on = "trials train on to the first epoch that has it"
            self._notice(f"no trial has reported {metric} yet, but {names}; {goes_on}")
        elif report.outcome is not Outcome.STOPPED:
            fix = choices(reported, metric)
            raise BadInput("metric", metric, "is not among the metrics that the trainable reports", fix)

    def _check_saved(self, report: Report) -> None:
        """End where a member of a population cannot go on from where it was: its weights would be lost, and a
        schedule would stand in the log that no model was trained with."""
        if self.scheduler.population is None:
            return
        done = report.outcome is Outcome.DONE and report.epochs < self.epochs
        if done and (report.checkpoint is None or report.checkpoint.epoch < report.epochs):
            rule = f"has saved nothing at epoch {report.epochs}, from where members of a population go on"
            raise BadInput("trial", report.trial, rule, _SAVE)
        if report.note == NEVER_RESTORES:
            rule = "did not call run.restore(), and members of a population go on from checkpoints"
            raise BadInput("trial", report.trial, rule, _SAVE)

    def _check_failures(self) -> None:
        if self.nudges is not None and self.ledger.trained_epochs:
            return  # whoever decides may go on from an epoch before
        failed = self.ledger.counts[Status.FAILED]
        only_failures = self.ledger.best is None and not self.ledger.counts[Status.INFEASIBLE]
        if only_failures and failed >= min(self.trials, _FAILURES):
            raise AllTrialsFailed(
                f"all of the first {failed} trials failed, this one first:\n{self.ledger.first_error}"
            )

    def _note_duration(self, work: str, began: float) -> None:
        self._took.setdefault(work, []).append(time.monotonic() - began)

    @property
    def _trials(self) -> int:
        """How many there will be, or, where that is nobody's plan, are."""
        if self.nudges is not None:
            return max(len(self.ledger.rows), 1)
        return self.trials if self.scheduler.population is None else max(self.trials, len(self.ledger.rows))

    def _progress(self) -> Progress:
        took, self._took = self._took, {}
        return Progress(
            trials=self._trials,
            counts=self.ledger.counts if self.nudges is None else self.nudges.counts(),
            repeats=self.scheduler.repeats,
            repeat_counts=self.ledger.repeat_counts,
            repeat_epochs=self.epochs,
            epochs=self.ledger.trained_epochs,
            round=len(self.rounds) - 1,
            best=self.ledger.best_as_trained,
            seconds=self.limiter.seconds,
            metric=self.ledger.metric,
            limit=self._bottleneck.text,
            spent=self._bottleneck.spent,
            took=took,
        )
