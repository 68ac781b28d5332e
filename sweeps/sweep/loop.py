"""The sweep loop: the only place where search, execution and storage meet."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace

from sweeps.errors import AllTrialsFailed, BadInput, Interrupted, choices
from sweeps.execution import Executor
from sweeps.interrupt import StopFlag
from sweeps.schedulers import Finals
from sweeps.store import RunDirectory
from sweeps.sweep.ledger import Ledger
from sweeps.sweep.progress import Observer, Progress
from sweeps.sweep.retention import Retention
from sweeps.trial import Outcome, Report, Status

_POLL_SECONDS = 0.1
_NAMES = 5  # of metrics, on the screen
_FAILURES = 16  # so many trials, the whole first round by default, fail before the sweep gives up


@dataclass
class SweepLoop:
    """Runs one sweep to its end.

    trials: how many configs are tried. epochs: how many the best of them, and each repeat, train.

    `run` raises `BadInput` if the first jobs to end have not reported the metric, `AllTrialsFailed` when
    nothing but failures has come, and `Interrupted` when `stop` is set; the tables are up to date then.
    """

    scheduler: Finals
    executor: Executor
    directory: RunDirectory
    ledger: Ledger
    observer: Observer
    retention: Retention
    trials: int
    epochs: int
    stop: StopFlag
    _noticed: set[str] = field(default_factory=set)

    def run(self) -> None:
        self._began = time.monotonic()
        interrupted = True
        try:
            while not self.scheduler.finished:
                if self.stop:
                    raise Interrupted
                self._step()
            interrupted = False
        finally:
            self.stop.closing()
            self.ledger.close(interrupted)
            self.retention.finish(self.ledger.rows.values(), self.ledger.best)
            self.directory.flush(self.scheduler.rounds)
            self.observer.finished(self._progress())

    def _step(self) -> None:
        self._submit()
        for report in self.executor.poll(_POLL_SECONDS):
            self._take(report)
        for text in self.executor.notices():
            self.observer.notice(text)
        self.directory.flush_if_due(self.scheduler.rounds)
        self.observer.update(self._progress())

    def _submit(self) -> None:
        for job in self.scheduler.ask(self.executor.free):
            self.ledger.begin(job)
            checkpoint = self.directory.checkpoints.load(job.trial, job.start) if job.start else None
            self.executor.submit(job, checkpoint)

    def _take(self, report: Report) -> None:
        self._check_metric(report)
        row = self.ledger.record(report)
        self._notice(report.note)
        if report.outcome is Outcome.RUNNING:
            return
        self.retention.take(row, report)
        self._notice(self._lost_checkpoints())
        # A scheduler may keep reports; it has no use for arrays.
        self.scheduler.tell(replace(report, objective=row.objective, checkpoint=None, best=None))
        self._check_failures()

    def _notice(self, text: str | None) -> None:
        """Tell the user once."""
        if text is not None and text not in self._noticed:
            self._noticed.add(text)
            self.observer.notice(text)

    def _lost_checkpoints(self) -> str | None:
        problem = self.directory.checkpoints.problem
        if problem is None:
            return None
        return (
            f"a checkpoint cannot be written ({problem}); trials without one train again from the beginning"
        )

    def _check_metric(self, report: Report) -> None:
        """Say that nobody has reported the metric yet; end where a trial has been trained without it."""
        metric = self.ledger.metric
        reported = {name for row in report.rows for name in row}
        if self.ledger.best is not None or not reported or metric in reported:
            return
        if report.outcome is Outcome.RUNNING:
            names = ", ".join(sorted(reported)[:_NAMES])
            goes_on = "trials train on to the first epoch that has it"
            self._notice(f"no trial has reported {metric} yet, but {names}; {goes_on}")
        elif report.outcome is not Outcome.STOPPED:
            fix = choices(reported, metric)
            raise BadInput("metric", metric, "is not among the metrics that the trainable reports", fix)

    def _check_failures(self) -> None:
        failed = self.ledger.counts[Status.FAILED]
        only_failures = self.ledger.best is None and not self.ledger.counts[Status.INFEASIBLE]
        if only_failures and failed >= min(self.trials, _FAILURES):
            raise AllTrialsFailed(
                f"all of the first {failed} trials failed, this one first:\n{self.ledger.first_error}"
            )

    def _progress(self) -> Progress:
        return Progress(
            trials=self.trials,
            counts=self.ledger.counts,
            repeats=self.scheduler.repeats,
            repeat_counts=self.ledger.repeat_counts,
            repeat_epochs=self.epochs,
            epochs=self.ledger.trained_epochs,
            round=len(self.scheduler.rounds) - 1,
            best=self.ledger.best,
            seconds=time.monotonic() - self._began,
            metric=self.ledger.metric,
        )
