"""Says what of a run directory cannot be written, and has the sweep wait where that is its log."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from sweeps.errors import LogLost
from sweeps.store import RunDirectory

_WAIT_SECONDS = 600.0  # so long a sweep waits for room for its log


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
            LogLost: The log could not be written for ten minutes.
        """
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

    def _look_at_log(self) -> None:
        problem, now = self.directory.log.problem, time.monotonic()
        minutes = f"{_WAIT_SECONDS / 60:.0f} minutes"
        if problem is None:
            if self._waits_since is not None:
                self.say("the log can be written again; the sweep goes on")
            self._waits_since = None
        elif self._waits_since is None:
            self._waits_since = now
            what = f"the log cannot be written ({problem}): no trial is started until it can"
            self.say(f"{what}; free some space within {minutes}")
        elif now - self._waits_since > _WAIT_SECONDS:
            fix = f"mend that, and go on with: caviar resume {self.directory.path}"
            raise LogLost(f"the log could not be written for {minutes}: {problem}\n{fix}")
