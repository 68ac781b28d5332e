"""A sweep followed for another tool: which trial its events are about, and how that stands."""

from __future__ import annotations

import hashlib
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path

from sweeps.columns import Columns
from sweeps.events import Event, JobReported, JobRetried, JobsAsked, ProcessBegun, SweepEnded
from sweeps.export.histories import History
from sweeps.results import load
from sweeps.space import Space
from sweeps.spec import as_spec
from sweeps.store import LOG, LogReader, TrialRow
from sweeps.sweep.ledger import Ledger, Unwritten, status_in_the_end
from sweeps.sweep.progress import GivesUp
from sweeps.sweep.replay import Replay
from sweeps.trial import Outcome, Status

FOLDER = "tracking"  # in a sweep's own folder, where no other place is given
_FAILURES = 3  # in a row, after which a tool is left alone
_WAITING = (Status.RUNNING, Status.PAUSED)


class Tracker(ABC):
    """A callback that writes each trial as it goes; a kind for each tool says how.

    Where a sweep is resumed, its log says how each trial stood: runs go on. A `History` has no epochs but
    those that are new. The sweep's own loop calls it and waits for it.

    Attributes:
        directory: The sweep's folder.
        sweep: What it is told apart by, wherever its folder is moved: made of its first event.
    """

    def sweep_opened(self, directory: Path) -> None:
        """A process is about to work on the sweep; take in what others did."""
        self.directory, self.sweep = directory, ""
        self.spec = as_spec(load(directory).spec)
        self.space = Space(self.spec.space)
        spec = self.spec
        self._ledger = Ledger(Unwritten(), spec.metric, spec.mode, spec.epochs, spec.objective)
        self._replay = Replay(self._ledger, self.space, searches=False)
        self._last: dict[int, float] = {}  # when each trial of this process was last heard of
        for event in LogReader(directory / LOG):
            self._take(event)
        self._begun, self._failed = False, 0

    def __call__(self, event: Event) -> None:
        """The next event of the sweep."""
        self._take(event)
        if not self._begun:
            self._begin()
        if isinstance(event, JobsAsked):
            for job in event.jobs:
                self._start(self._ledger.rows[job.trial], event.time)
        elif isinstance(event, JobRetried):
            self._start(self._ledger.rows[event.trial], event.time)
        elif isinstance(event, JobReported):
            self._report(self._ledger.rows[event.trial], event)
        elif isinstance(event, SweepEnded):
            self._close(event)

    @abstractmethod
    def begin(self) -> None:
        """The sweep is known, and what earlier processes did of it. Called once; if it fails, all is over."""

    @abstractmethod
    def has(self, history: History) -> bool:
        """Whether the tool has a trial's run, of this process or of an earlier one."""

    @abstractmethod
    def start(self, history: History) -> None:
        """A trial is trained, for the first time or again: its run is there from here on."""

    @abstractmethod
    def report(self, history: History) -> None:
        """A trial has new epochs."""

    @abstractmethod
    def stand(self, history: History) -> None:
        """A trial's job has ended, or the sweep has; one that is paused or interrupted may go on."""

    def _take(self, event: Event) -> None:
        if isinstance(event, ProcessBegun) and not self.sweep:
            who = f"{event.time!r} {event.host} {event.pid}"
            self.sweep = hashlib.sha256(who.encode()).hexdigest()[:12]
        self._replay.take(event)

    def _begin(self) -> None:
        try:
            self.begin()
        except Exception as error:
            raise GivesUp(_in_words(error)) from error
        self._begun = True

    def _write(self, write: Callable[[History], None], history: History) -> None:
        """Whoever cannot write this often in a row is left alone: each failure may hold the sweep up."""
        try:
            write(history)
        except Exception as error:
            self._failed += 1
            if self._failed < _FAILURES:
                raise
            raise GivesUp(f"{_FAILURES} failures in a row, at last {_in_words(error)}") from error
        self._failed = 0

    def _start(self, row: TrialRow, time: float) -> None:
        self._write(self.start, _history(row, time))
        self._last[row.trial] = time

    def _report(self, row: TrialRow, event: JobReported) -> None:
        if row.trial not in self._last:
            self._start(row, event.started or event.time)
        began = min(max(self._last[row.trial], event.started), event.time)
        self._last[row.trial] = event.time
        if event.count:
            steps = range(event.epochs - event.count + 1, event.epochs + 1)
            self._write(self.report, _history(row, began, event.time, steps, event.rows))
        if event.outcome is not Outcome.RUNNING:
            self._write(self.stand, _history(row, began, event.time))

    def _close(self, event: SweepEnded) -> None:
        """What waits or is in training changes its status at the end, in tables as well.

        Trials that only an untracked process trained stay out. Each is tried; the first failure is raised.
        """
        failures = []
        for row in self._ledger.rows.values():
            status = status_in_the_end(row.status, interrupted=event.how != "complete")
            history = _history(row, event.time, event.time, status=status)
            if row.status in _WAITING and status is not row.status and self.has(history):
                try:
                    self._write(self.stand, history)
                except GivesUp:
                    raise
                except Exception as error:
                    failures.append(error)
        if failures:
            raise failures[0]


def _in_words(error: Exception) -> str:
    return "".join(traceback.format_exception_only(error)).strip()


def _history(
    row: TrialRow,
    began: float,
    ended: float | None = None,
    steps: Sequence[int] = (),
    metrics: Columns | None = None,
    status: Status | None = None,
) -> History:
    """A trial as it stands, with these epochs."""
    return History(
        trial=row.trial,
        repeats=row.repeats,
        config=row.config,
        status=status or row.status,
        seed=row.seed,
        objective=row.objective,
        best_epoch=row.best_epoch,
        epochs=row.epochs,
        error=row.error,
        began=began,
        ended=ended,
        steps=steps,
        metrics=metrics or {},
    )
