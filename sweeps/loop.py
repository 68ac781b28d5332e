"""The sweep loop: the only place where search, execution and storage meet."""

from __future__ import annotations

import time
from dataclasses import dataclass

from sweeps.errors import AllTrialsFailed, BadInput, Interrupted, choices
from sweeps.execution import Executor
from sweeps.interrupt import StopFlag
from sweeps.ledger import Ledger
from sweeps.progress import Observer, Progress
from sweeps.schedulers import Finals
from sweeps.tables import RunDirectory
from sweeps.trial import Outcome, Report, Status

_POLL_SECONDS = 0.1
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
    trials: int
    epochs: int
    stop: StopFlag

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
            self.ledger.close(interrupted)
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
        self.ledger.record(report)
        if report.outcome is Outcome.RUNNING:
            return
        if report.checkpoint is not None:
            self.directory.checkpoints.save(report.trial, report.epochs, report.checkpoint)
        self.scheduler.tell(report)
        self._check_failures()

    def _check_metric(self, report: Report) -> None:
        if report.outcome is Outcome.RUNNING or self.ledger.best is not None:
            return
        metric = self.ledger.metric
        reported = {name for row in report.rows for name in row}
        if reported and metric not in reported:
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
        )
