"""Whether a search, a sweep, a trial or an epoch has come to one of the sweep's limits, and which."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from sweeps.spec import Limits, duration_text
from sweeps.sweep.ledger import Ledger
from sweeps.trial import Outcome, Report, is_better

_SPARE = 1.2  # times the time that finals are thought to take is kept free for them
_MOST_FOR_FINALS = 0.5  # of a sweep's time
_LEAST_PATIENCE = 1800.0  # without a limit for epochs, a trial may be silent for so many seconds …
_TIMES_THE_LONGEST = 20  # … or for so many times the longest epoch that any trial has had
_FIRST_PATIENCE = 86_400.0  # as long as no trial has had an epoch, nobody knows how long one takes


@dataclass(frozen=True)
class Overdue:
    """A trial that is to be ended.

    Attributes:
        trial: Its number.
        why: In words, for its column `error`.
        hangs: Whether it gives no sign of life, so that it cannot be asked to stop.
    """

    trial: int
    why: str
    hangs: bool = False


@dataclass
class _Training:
    """A job in training: its seconds so far, as it said last, and whether it has had an epoch."""

    seconds: float = 0.0
    any_epoch: bool = False


@dataclass
class Limiter:
    """Holds what is known of a sweep against its limits. It decides, and ends nothing itself.

    Args:
        limits: The sweep's.
        ledger: Knows how each trial stands.
        epochs: How long a repeat of a finalist trains.
        used: Seconds that earlier processes have worked on the sweep.
        clock: Tells the time in seconds.
    """

    limits: Limits
    ledger: Ledger
    epochs: int
    used: float = 0.0
    clock: Callable[[], float] = field(default_factory=lambda: time.monotonic)  # as it is then
    _training: dict[int, _Training] = field(default_factory=dict)
    _longest: float = 0.0  # epoch seen, first epochs of jobs left aside
    _longest_first: float = 0.0
    _seconds_of_ended: float = 0.0  # jobs, and their epochs
    _epochs_of_ended: int = 0

    def __post_init__(self) -> None:
        self._began = self.clock()

    @property
    def seconds(self) -> float:
        """How long the sweep has been worked on."""
        return self.used + self.clock() - self._began

    def take(self, report: Report) -> None:
        """Learn from a report how long epochs take."""
        if report.rows:
            self._longest = max(self._longest, report.slowest)
            self._longest_first = max(self._longest_first, report.first)
        if report.outcome is Outcome.RUNNING:
            self._training[report.trial] = _Training(report.seconds, bool(report.rows))
        else:
            self._training.pop(report.trial, None)
            self._seconds_of_ended += report.seconds
            self._epochs_of_ended += len(report.rows)

    def retry(self, trial: int) -> None:
        """A trial is trained again; from here on the ledger has the seconds of the attempt that was lost."""
        self._training.pop(trial, None)

    def search_over(self, repeats: int, workers: int, settled: bool = True) -> str | None:
        """Why the search ends now, in words that follow "ended by"; None where it goes on.

        Args:
            repeats: How many trainings the finals take.
            workers: How many of them train at once.
            settled: Whether what is known depends on no pace. If not, time alone ends the search, so that a
                deterministic sweep has the same end on any number of workers.
        """
        limits, ledger, best = self.limits, self.ledger, self.ledger.best
        if limits.time is not None and self.seconds + self._for_finals(repeats, workers) >= limits.time:
            return self._time_over()
        if not settled:
            return None
        if limits.epochs is not None and ledger.search_epochs >= limits.epochs:
            return f"limits.epochs after {ledger.search_epochs} epochs"
        if best is None or best.objective is None:
            return None
        if limits.at is not None and not is_better(limits.at, best.objective, ledger.mode):
            return f"limits.at after trial {best.trial} reached {best.objective:.6g}"
        if limits.no_better is not None and (since := ledger.since_best()) >= limits.no_better:
            return f"limits.no_better after {since} trials without a better one"
        return None

    def sweep_over(self) -> str | None:
        """Why all that runs ends now; None where it goes on."""
        over = self.limits.time is not None and self.seconds >= self.limits.time
        return self._time_over() if over else None

    def overdue(self, silent: Mapping[int, float]) -> Iterator[Overdue]:
        """The trials in training that have come to a limit.

        Args:
            silent: By trial, for how many seconds it has been in training without a new epoch; of trials that
                are not in there, nothing is known but their reports.
        """
        for trial, seconds in silent.items():
            if (why := self._hangs(trial, seconds)) is not None:
                yield Overdue(trial, why, hangs=True)
        most = self.limits.trial
        for trial in self._training.keys() | silent.keys() if most is not None else ():
            if most is not None and self._trained(trial) + silent.get(trial, 0.0) >= most:
                yield Overdue(trial, _too_long(most))

    def trial_over(self, trial: int) -> str | None:
        """Why none of the trial's jobs begins any more; None where one may."""
        row, most = self.ledger.rows.get(trial), self.limits.trial
        if row is None or most is None or row.seconds < most:
            return None
        return _too_long(most)

    def _time_over(self) -> str:
        return f"limits.time after {duration_text(self.seconds)}"

    def _for_finals(self, repeats: int, workers: int) -> float:
        """Seconds to keep free for the finals, by the pace of all jobs so far, or of the best trial.

        None are kept where the finals would take most of the time: then all of it goes to the search.
        """
        pace = self._seconds_of_ended / self._epochs_of_ended if self._epochs_of_ended else 0.0
        best = self.ledger.best
        if best is not None and best.epochs:
            pace = max(pace, best.seconds / best.epochs)
        needed = _SPARE * pace * self.epochs * math.ceil(repeats / max(workers, 1))
        return needed if needed <= _MOST_FOR_FINALS * (self.limits.time or math.inf) else 0.0

    def _trained(self, trial: int) -> float:
        """Seconds that a trial has been in training, over all its jobs."""
        now = self._training.get(trial)
        return self.ledger.rows[trial].seconds + (now.seconds if now is not None else 0.0)

    def _hangs(self, trial: int, silent: float) -> str | None:
        if self.limits.epoch is not None:
            if silent < self.limits.epoch:
                return None
            return f"no new epoch for {duration_text(silent)}, longer than limits.epoch allows"
        if silent < self._patience(trial):
            return None
        long = f"no new epoch for {duration_text(silent)}, far longer than any epoch so far"
        return f"{long}: taken to hang; limits.epoch allows more"

    def _patience(self, trial: int) -> float:
        """How long a trial may be silent where the sweep has no limit for that."""
        if not self._longest_first:
            return _FIRST_PATIENCE
        now = self._training.get(trial)
        is_later = now is not None and now.any_epoch and self._longest
        return max(_LEAST_PATIENCE, _TIMES_THE_LONGEST * (self._longest if is_later else self._longest_first))


def _too_long(most: float) -> str:
    return f"stopped after {duration_text(most)} by limits.trial"
