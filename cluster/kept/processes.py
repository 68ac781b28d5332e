"""Processes of this machine, told from later ones that the system has given the same number."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_LOOK_SECONDS = 0.05
_KILLED_SECONDS = 5.0  # so long the system may take to clear away what was killed


@dataclass(frozen=True)
class Process:
    """A process by its number and its birth; both together are never given twice.

    Examples:
        >>> this_one = process(os.getpid())
        >>> this_one.runs, Process(os.getpid(), "at another time").runs
        (True, False)
    """

    pid: int
    born: str

    @property
    def runs(self) -> bool:
        """Whether it is there still. One that has ended, and whose parent has not asked how, is not."""
        return bool(self.born) and _born(self.pid) == self.born


def process(pid: int) -> Process:
    """The process that has this number now."""
    return Process(pid, _born(pid))


def end(processes: Sequence[Process], seconds: float) -> None:
    """End processes by SIGTERM, and those that are there after so many seconds by SIGKILL."""
    for number, patience in ((signal.SIGTERM, seconds), (signal.SIGKILL, _KILLED_SECONDS)):
        for each in processes:
            if each.runs:
                with suppress(ProcessLookupError):
                    os.kill(each.pid, number)
        deadline = time.monotonic() + patience
        while any(each.runs for each in processes) and time.monotonic() < deadline:
            time.sleep(_LOOK_SECONDS)


def _born(pid: int) -> str:
    """When it began, "" where it has ended.

    On Linux in ticks since the machine was booted, and which boot that was: the clock may be set anew.
    """
    if not Path("/proc/self/stat").exists():
        return _born_by_ps(pid)
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else f"{boot} {fields[19]}"


def _born_by_ps(pid: int) -> str:
    """The same where there is no /proc, to the second."""
    asked = ["ps", "-o", "stat=", "-o", "lstart=", "-p", str(pid)]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603 - no text of others
    state, _, born = done.stdout.strip().partition(" ")
    return "" if state.startswith("Z") else born.strip()
