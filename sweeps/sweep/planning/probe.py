"""How long an epoch takes and how much a trial keeps: a few epochs of the first configs, trained here."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from types import FrameType

from sweeps.columns import as_columns
from sweeps.events import JobReported, JobsAsked
from sweeps.execution import SerialExecutor, Workload
from sweeps.store.records import to_record
from sweeps.trial import Job, Outcome, Report, Row

_PLANNED = 0.8  # of the time; the rest is for last epochs, or the last config would never come to an end
_LEAST_SECONDS = 0.001  # for a config: it has one epoch then
_COLUMN_BYTES = 8  # of a number in a table
_TRIAL_BYTES = 400  # of a trial's rows in the tables of trials and jobs


class TimeUp(KeyboardInterrupt):
    """The time for a try is over; no `except Exception` of a trainable's holds it up."""


@dataclass
class Measured:
    """What came of training the first configs for a moment.

    Attributes:
        configs: How many were trained. epochs: For how many epochs, all of them together.
        took: Seconds, all in all.
        pace: Seconds an epoch, the mean over those configs; None where not one epoch has ended.
        more_than: How long an epoch takes at least, where not one has ended.
        setup: Seconds that each job takes before its first epoch.
        checkpoint: Bytes of what a trial saves, the mean over the configs; 0 where none saves anything.
        metrics: The names that were reported.
        row_bytes: An epoch's share in log and tables. job_bytes: A job's.
        error: What the first config raised that failed.
        diverged: How many configs diverged within these epochs.
    """

    configs: int = 0
    epochs: int = 0
    took: float = 0.0
    pace: float | None = None
    more_than: float | None = None
    setup: float = 0.0
    checkpoint: int = 0
    metrics: tuple[str, ...] = ()
    row_bytes: float = 0.0
    job_bytes: float = _TRIAL_BYTES
    error: str | None = None
    diverged: int = 0
    _paces: list[float] = field(default_factory=list, repr=False)
    _setups: list[float] = field(default_factory=list, repr=False)
    _saved: list[int] = field(default_factory=list, repr=False)

    @property
    def slower(self) -> float | None:
        """Seconds an epoch, the mean over the slower half of the configs; None where not one has ended."""
        half = sorted(self._paces)[len(self._paces) // 2 :]
        return sum(half) / len(half) if half else None

    def take(self, job: Job, report: Report) -> None:
        """What one config has given."""
        self.configs += 1
        if report.outcome is Outcome.FAILED:
            self.error = self.error or report.error
        self.diverged += report.outcome is Outcome.INFEASIBLE
        if not report.rows:
            return
        rest = len(report.rows) - 1
        pace = (report.seconds - report.first) / rest if rest else report.first
        self._paces.append(pace)
        if self.epochs and rest:  # the first one's has what the process loads and compiles
            self._setups.append(max(report.first - pace, 0.0))
        self.epochs += len(report.rows)
        self.pace = sum(self._paces) / len(self._paces)
        self.setup = sum(self._setups) / len(self._setups) if self._setups else 0.0
        state = report.checkpoint.state if report.checkpoint is not None else {}
        self._saved.append(sum(array.nbytes for array in state.values()))
        self.checkpoint = sum(self._saved) // len(self._saved)
        self.metrics = tuple(dict.fromkeys([*self.metrics, *(name for row in report.rows for name in row)]))
        self.row_bytes, self.job_bytes = _bytes(job, report.rows, len(self.metrics))


def measure(workload: Workload, jobs: Sequence[Job], seconds: float) -> Measured:
    """Train some epochs of the jobs in this process, each for its share of the time, and forget them.

    A try ends when its time is over, in the middle of an epoch if need be; only a call into C that does not
    return, and Python that runs in another than the main thread, cannot be ended so.
    """
    found, began = Measured(), time.perf_counter()
    epoch_began = began
    with suppress(TimeUp), closing(SerialExecutor(workload)) as executor, _at_most(seconds):
        for number, job in enumerate(jobs):
            epoch_began = time.perf_counter()
            if epoch_began - began >= seconds:
                break
            left = _PLANNED * seconds - (epoch_began - began)
            found.take(job, _try(executor, job, max(left / (len(jobs) - number), _LEAST_SECONDS)))
            if found.error is not None:
                break
    found.took = time.perf_counter() - began
    if found.pace is None and found.error is None and jobs:
        found.more_than = time.perf_counter() - epoch_began
    return found


def _try(executor: SerialExecutor, job: Job, seconds: float) -> Report:
    """One epoch at least, and as many more as fit."""
    executor.submit(job)
    (report,) = executor.poll(seconds)
    if report.outcome is Outcome.RUNNING:
        executor.stop(job.trial)
        (report,) = executor.poll(seconds)
    return report


def _bytes(job: Job, rows: Sequence[Row], metrics: int) -> tuple[float, float]:
    """What an epoch and a job take in the log and in the tables."""
    whole = JobReported(
        trial=job.trial, epochs=len(rows), outcome=Outcome.DONE, rows=as_columns(rows), count=len(rows)
    )
    bare, full = len(to_record(0, replace(whole, rows={}))), len(to_record(0, whole))
    asked = len(to_record(0, JobsAsked(capacity=1, jobs=[job])))
    row_bytes = (full - bare) / len(rows) + _COLUMN_BYTES * (metrics + 2)
    return row_bytes, asked + bare + _TRIAL_BYTES


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Raise `TimeUp` inside when the time is over, again and again until it is heard of."""
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def end(number: int, frame: FrameType | None) -> None:
        raise TimeUp

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        while signal.getitimer(signal.ITIMER_REAL)[0]:
            with suppress(TimeUp):
                signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
