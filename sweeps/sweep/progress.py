"""What a sweep tells whoever watches it."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeAlias, runtime_checkable

from sweeps.events import Event
from sweeps.store import TrialRow
from sweeps.trial import Status

Callback: TypeAlias = Callable[[Event], None]
"""What a user has called with every event of a sweep."""


@dataclass(frozen=True)
class Progress:
    """A sweep at one moment.

    trials: how many configs will be tried. counts: those begun, by status.
    repeats: how often finalists will be trained again, at most as long as the search goes on.
    repeat_counts: repeats begun, by status. repeat_epochs: how long each trains.
    epochs: trained so far, over all trials and repeats. best: of the search.
    seconds: how long processes have worked on it.
    metric: what trials are compared by. limit: what holds the workers up, "" where nothing does.
    spent: seconds of the sweep's own process by what they went into.
    took: seconds of each decision and each flush (log and tables brought to the disk) since the last time.
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
    metric: str = "objective"
    limit: str = ""
    spent: Mapping[str, float] = field(default_factory=dict)
    took: Mapping[str, Sequence[float]] = field(default_factory=dict)

    @property
    def begun(self) -> int:
        """Trials that have begun; those measured elsewhere never do."""
        return sum(count for status, count in self.counts.items() if status is not Status.MEASURED)

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
    """Watches a sweep. Called from the sweep's thread, so it must be quick.

    One that raises is reported once on the error stream, and the sweep goes on: see `Guarded`.
    """

    def hint(self, text: str) -> None:
        """Something in the sweep is allowed and yet looks like a slip; called before it starts."""

    def described(self, lines: Sequence[str]) -> None:
        """What was understood of the data; called before the sweep starts."""

    def starting(self, executor: str) -> None:
        """The sweep is sound, and its executor is being started, which may take seconds."""

    def started(self, executor: str, directory: str) -> None:
        """Workers are there and the first trials go out."""

    def notice(self, text: str) -> None:
        """Something happened to the sweep that its user should know; called while it runs."""

    def event(self, event: Event) -> None:
        """What has just happened, as the log has it; called with each event of this process."""

    def printed(self, trial: int, text: str) -> None:
        """What a trial has printed, in whole lines."""

    def update(self, progress: Progress) -> None:
        """Called often; the observer decides how often to show something."""

    def finished(self, progress: Progress) -> None:
        """Called once at the end, whatever the end was."""


class Silent:
    """An observer that shows nothing."""

    def hint(self, text: str) -> None: ...

    def described(self, lines: Sequence[str]) -> None: ...

    def starting(self, executor: str) -> None: ...

    def started(self, executor: str, directory: str) -> None: ...

    def notice(self, text: str) -> None: ...

    def event(self, event: Event) -> None: ...

    def printed(self, trial: int, text: str) -> None: ...

    def update(self, progress: Progress) -> None: ...

    def finished(self, progress: Progress) -> None: ...


class Guarded:
    """An observer whose failures cost the sweep nothing: a closed terminal, a full disk, a bug.

    The first is reported on the error stream, if that can be written. The observer is called on, since
    a disk may have room again.

    Args:
        observer: the one to call; `add` takes more.
    """

    def __init__(self, observer: Observer) -> None:
        self._observers: list[tuple[Observer, _Failures]] = []
        self.add(observer)

    def add(self, observer: Observer) -> None:
        """Call this one, too, from here on."""
        self._observers.append((observer, _Failures(type(observer).__name__)))

    def hint(self, text: str) -> None:
        self._call("hint", text)

    def described(self, lines: Sequence[str]) -> None:
        self._call("described", lines)

    def starting(self, executor: str) -> None:
        self._call("starting", executor)

    def started(self, executor: str, directory: str) -> None:
        self._call("started", executor, directory)

    def notice(self, text: str) -> None:
        self._call("notice", text)

    def event(self, event: Event) -> None:
        self._call("event", event)

    def printed(self, trial: int, text: str) -> None:
        self._call("printed", trial, text)

    def update(self, progress: Progress) -> None:
        self._call("update", progress)

    def finished(self, progress: Progress) -> None:
        self._call("finished", progress)

    def _call(self, method: str, *arguments: Any) -> None:
        for observer, failures in self._observers:
            failures.guard(lambda: getattr(observer, method)(*arguments))  # noqa: B023 - called at once


@runtime_checkable
class FolderCallback(Protocol):
    """A callback that is told the sweep's folder first, whose log has what earlier processes did.

    Its method has a name that no object has by chance.
    """

    def sweep_opened(self, directory: Path) -> None:
        """A process is about to work on the sweep in this folder."""

    def __call__(self, event: Event) -> None:
        """The next event."""


class GivesUp(Exception):
    """A callback raises it, with the reason, to be called no more."""


def guarded(callback: Callback, directory: Path) -> Callback:
    """A callback of the user's whose failures cost the sweep nothing; the first is reported.

    One that is a `FolderCallback` is opened here; one that `GivesUp` is left alone from then on.
    """
    failures = _Failures(getattr(callback, "__name__", type(callback).__name__))
    # isinstance asks for the name alone.
    if isinstance(callback, FolderCallback) and callable(callback.sweep_opened):
        failures.guard(partial(callback.sweep_opened, directory))
    return lambda event: failures.guard(lambda: callback(event))


class _Failures:
    """Calls what may fail, and reports its first failure, and that it gives up.

    Args:
        name: Of what is called.
    """

    def __init__(self, name: str) -> None:
        self._name, self._reported, self._over = name, False, False

    def guard(self, call: Callable[[], None]) -> None:
        """Call, unless that was given up, and go on whatever is raised."""
        if self._over:
            return
        try:
            call()
        except GivesUp as error:
            self._over = True
            _say(f"{self._name} is left alone from here on: {error}")
        except Exception as error:
            if not self._reported:
                self._reported = True
                self._report(error)

    def _report(self, error: Exception) -> None:
        frames = traceback.extract_tb(error.__traceback__)
        place = next((frame for frame in frames if frame.filename != __file__), frames[-1])
        who = f"{self._name} ({place.filename}, line {place.lineno})"
        what = "".join(traceback.format_exception_only(error)).strip()
        _say(f"{who} raised {what!a}")


def _say(what: str) -> None:
    with suppress(Exception):  # the error stream may be what is broken
        print(f"caviar: {what}; the sweep goes on", file=sys.stderr, flush=True)
