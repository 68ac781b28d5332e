"""Follows the log of a sweep that any process works on, and reads nothing twice."""

from __future__ import annotations

import time
from pathlib import Path

from sweeps.errors import BadInput
from sweeps.events import Event, ProcessBegun, SearchBegun, SweepEnded
from sweeps.results.result import SweepResult, load
from sweeps.results.state import State, state_after
from sweeps.screen.live.state import LiveState
from sweeps.spec import as_spec
from sweeps.store import LOG, SPEC_FILE, LogReader, check_free
from sweeps.sweep.contradictions import Contradiction, contradicts

_STATE_SECONDS = 1.0  # for so long, whether a process is alive is not asked again
_LOOK_AT_CLOCK = 64  # events


class Follower:
    """A sweep's state by its log, from the beginning to where the log is now.

    Args:
        directory: The run directory; its sweep may be about to begin.

    Attributes:
        state: None as long as nothing has begun.
        behind: Whether there is more to read than the last `read` had time for.

    Raises:
        BadInput: The folder is not a sweep's, and not an empty one either.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.state: LiveState | None = None
        self.behind = False
        self._reader = LogReader(directory / LOG)
        self._spec = b""
        self._status: tuple[float, State] | None = None
        self._begin()

    def read(self, seconds: float | None = None) -> None:
        """Take in what has come since the last time, for at most so long.

        Raises:
            BadInput: The folder is gone, or its log is damaged; the tables can be read all the same.
        """
        if not self.directory.is_dir():
            raise BadInput(
                "dir", str(self.directory), "is gone: it was removed or renamed", "nothing is left"
            )
        if self.state is None and not self._begin():
            return
        end = None if seconds is None else time.monotonic() + seconds
        while not self._is_read(end):
            self._begin()  # resumed as another sweep, in which every trial stands otherwise

    @property
    def status(self) -> State:
        """Whether a process works on the sweep; asked of the file system about once a second."""
        now = time.monotonic()
        if self._status is None or now >= self._status[0]:
            begun, ended = (None, None) if self.state is None else (self.state.begun, self.state.ended)
            found = state_after(self.directory, begun, ended)
            self._status = now + _STATE_SECONDS, found
        return self._status[1]

    @property
    def notes(self) -> list[str]:
        """Where the log is damaged, in words."""
        return self._reader.notes[-1:]

    def _begin(self) -> bool:
        """From the first event on, by the spec as it is now; False where there is none yet."""
        if not (self.directory / SPEC_FILE).exists():
            if not self.directory.is_dir() or not _is_free(self.directory):
                load(self.directory)  # which says what is wrong
            return False
        self._spec = (self.directory / SPEC_FILE).read_bytes()
        self.state = LiveState(as_spec(SweepResult(self.directory).spec))
        self._reader = LogReader(self.directory / LOG)
        return True

    def _is_read(self, end: float | None) -> bool:
        """Take in what is new, until `end`; False where the sweep is asked for otherwise from here on."""
        self.behind = False
        for number, event in enumerate(self._reader.more()):
            if isinstance(event, SearchBegun) and (self.directory / SPEC_FILE).read_bytes() != self._spec:
                return False
            self._take(event)
            if end is not None and number % _LOOK_AT_CLOCK == 0 and time.monotonic() > end:
                self.behind = True
                break
        return True

    def _take(self, event: Event) -> None:
        if self.state is None:
            return
        try:
            self.state.take(event)
        except Contradiction as fault:
            raise contradicts(self.directory, self._reader.next - 1, fault) from None
        if isinstance(event, ProcessBegun | SweepEnded):
            self._status = None


def state_so_far(directory: Path) -> LiveState | None:
    """What earlier processes have made of a sweep; None where that cannot be read."""
    try:
        follower = Follower(directory)
        follower.read()
    except (BadInput, OSError, ValueError):
        return None
    return follower.state


def _is_free(directory: Path) -> bool:
    """Whether a sweep could begin in it, or is about to."""
    try:
        check_free(directory)
    except BadInput:
        return False
    return True
