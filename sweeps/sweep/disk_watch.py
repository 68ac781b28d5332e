"""Says what of a run directory cannot be written, and has the sweep wait where that is its log."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from sweeps.errors import LogLost
from sweeps.store import RunDirectory

_WAIT_SECONDS = 600.0  # so long a sweep waits for room for its log
_PAUSE_SECONDS = 0.5  # between two tries to write what is left at the end


@dataclass
class DiskWatch:
    """Looks after each step of a sweep whether everything could be written.

    Args:
        directory: The sweep's.
        say: Tells the user.
    """

    directory: RunDirectory
    say: Callable[[str], None]
    _waits_since: float | None = None  # when the log could first not be written
    _lost_tables = _lost_checkpoints = False  # whether that has been said

    @property
    def waits(self) -> bool:
        """Whether no trial is to be started, since the log could not tell of it."""
        return self._waits_since is not None

    def look(self) -> None:
        """Say what has changed.

        Raises:
            LogLost: The log could not be written for ten minutes, or the folder has been removed.
        """
        self._check_folder()
        self._look_at_log()
        self.look_at_rest()

    def look_at_rest(self) -> None:
        """Say once that tables or checkpoints cannot be written: neither ends a sweep."""
        tables, checkpoints = self.directory.problem, self.directory.checkpoints.problem
        if tables is not None and not self._lost_tables:
            self._lost_tables = True
            self.say(
                f"the tables cannot be written ({tables}): that is tried again; the log has what they lack"
            )
        if checkpoints is not None and not self._lost_checkpoints:
            self._lost_checkpoints = True
            without = "trials without one train again from the beginning"
            self.say(f"a checkpoint cannot be written ({checkpoints}); {without}")

    def wait_until(self, is_written: Callable[[], bool]) -> None:
        """Wait at the end of a sweep until all is on disk: what its caller reads then are the tables.

        Raises:
            LogLost: Log or tables could not be written for ten minutes, or the folder has been removed.
        """
        began = time.monotonic()
        while not is_written():
            self.look()
            if time.monotonic() - began > _WAIT_SECONDS:
                raise self._lost("the tables", self.directory.problem)
            time.sleep(_PAUSE_SECONDS)

    def _check_folder(self) -> None:
        problem = self.directory.log.problem or self.directory.problem
        if problem is not None and not self.directory.path.is_dir():  # waiting would not bring it back
            raise LogLost(f"the run directory {self.directory.path} has been removed: {problem}")

    def _look_at_log(self) -> None:
        problem, now = self.directory.log.problem, time.monotonic()
        if problem is None:
            if self._waits_since is not None:
                self.say("the log can be written again; the sweep goes on")
            self._waits_since = None
        elif self._waits_since is None:
            self._waits_since = now
            what = f"the log cannot be written ({problem}): no trial is started until it can"
            self.say(f"{what}; free some space within {_minutes()}")
        elif now - self._waits_since > _WAIT_SECONDS:
            raise self._lost("the log", problem)

    def _lost(self, what: str, problem: OSError | None) -> LogLost:
        fix = f"mend that, and go on with: caviar resume {self.directory.path}"
        return LogLost(f"{what} could not be written for {_minutes()}: {problem}\n{fix}")


def _minutes() -> str:
    return f"{_WAIT_SECONDS / 60:.0f} minutes"
