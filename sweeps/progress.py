"""What a sweep tells whoever watches it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from sweeps.tables import TrialRow
from sweeps.trial import Status


@dataclass(frozen=True)
class Progress:
    """A sweep at one moment.

    trials: how many configs will be tried. counts: those begun, by status.
    repeats: how often finalists will be trained again, at most as long as the search goes on.
    repeat_counts: repeats begun, by status. repeat_epochs: how long each trains.
    epochs: trained so far, over all trials and repeats. best: of the search. seconds: since the start.
    """

    trials: int
    counts: Mapping[Status, int]
    repeats: int
    repeat_counts: Mapping[Status, int]
    repeat_epochs: int
    epochs: int
    round: int
    best: TrialRow | None
    seconds: float

    @property
    def begun(self) -> int:
        """Trials that have begun."""
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        """Trials that are not in training now, be it that they are over or that they wait at a rung."""
        return self.begun - self.counts.get(Status.RUNNING, 0)

    @property
    def repeats_begun(self) -> int:
        """Repeats that have begun; 0 while the search goes on."""
        return sum(self.repeat_counts.values())

    @property
    def repeats_done(self) -> int:
        """Repeats that are over."""
        return self.repeats_begun - self.repeat_counts.get(Status.RUNNING, 0)

    @property
    def rate(self) -> float:
        """Epochs per second."""
        return self.epochs / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """A guess from the share of trials done and the pace of the epochs; None before the first trial."""
        if not self.done or not self.rate:
            return None
        of_search = self.seconds * (self.trials - self.done) / self.done
        return of_search + (self.repeats - self.repeats_done) * self.repeat_epochs / self.rate


class Observer(Protocol):
    """Watches a sweep. Called from the sweep's thread, so it must be quick."""

    def hint(self, text: str) -> None:
        """Something in the sweep is allowed and yet looks like a slip; called before it starts."""

    def starting(self, executor: str) -> None:
        """The sweep is sound, and its executor is being started, which may take seconds."""

    def started(self, executor: str, directory: str) -> None:
        """Workers are there and the first trials go out."""

    def notice(self, text: str) -> None:
        """Something happened to the sweep that its user should know; called while it runs."""

    def update(self, progress: Progress) -> None:
        """Called often; the observer decides how often to show something."""

    def finished(self, progress: Progress) -> None:
        """Called once at the end, whatever the end was."""


class Silent:
    """An observer that shows nothing."""

    def hint(self, text: str) -> None: ...

    def starting(self, executor: str) -> None: ...

    def started(self, executor: str, directory: str) -> None: ...

    def notice(self, text: str) -> None: ...

    def update(self, progress: Progress) -> None: ...

    def finished(self, progress: Progress) -> None: ...
