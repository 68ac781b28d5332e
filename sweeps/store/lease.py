"""Who writes to a run directory: one process at a time, and whether it still lives."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from sweeps.errors import BadInput
from sweeps.store import files

LEASE = "lease.json"
_LONGEST = 4096  # bytes
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError)
_BEAT_SECONDS = 5.0
_DEAD_SECONDS = 120.0  # without a beat, a process on another machine is taken to be gone


@dataclass(frozen=True)
class Holder:
    """The process that holds, or held, a run directory.

    Attributes:
        host: Its machine. pid: Its number there. since: When it began, in seconds since 1970.
        alive: Whether it works on the sweep now.
        seen: When it was last heard of.
    """

    host: str
    pid: int
    since: float
    alive: bool = False
    seen: float = 0.0


class Lease:
    """Holds a run directory for this process, until `release` or its death.

    On one machine a lock of the file decides, which the system lets go of when its process dies, however
    that comes. On a file system that several machines share, the file's time is the heartbeat: whoever has
    not been heard of for two minutes is taken to be gone. One that comes back finds another's name in the
    file, which `beat` tells it.

    Args:
        folder: Where the lease's file lies.

    Raises:
        BadInput: Another process holds it; the message says which, and what to do.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / LEASE
        folder.mkdir(parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
        self._descriptor = os.open(self._path, flags, 0o666)
        if not _lock(self._descriptor) or _beats_elsewhere(self._path):
            os.close(self._descriptor)
            raise _held(folder.parent, read_holder(folder))
        self._mine = json.dumps(asdict(Holder(socket.gethostname(), os.getpid(), time.time())))
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, self._mine.encode(), 0)
        self._next_beat = time.monotonic() + _BEAT_SECONDS
        os.register_at_fork(after_in_child=self.release)  # a child that outlives us must not hold it

    def beat(self) -> bool:
        """Say that this process lives; False where another one has taken the directory over."""
        if time.monotonic() < self._next_beat:
            return True
        self._next_beat = time.monotonic() + _BEAT_SECONDS
        with suppress(OSError):
            if self._path.read_text() != self._mine:
                return False
            os.utime(self._path)
        return True

    def release(self) -> None:
        """Let go of the directory."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def read_holder(folder: Path) -> Holder | None:
    """Who holds or held the run directory whose lease lies in this folder; None where nobody has yet."""
    path = folder / LEASE
    try:
        with files.open_plain(path) as file:
            said = json.loads(file.read(_LONGEST))
            holder = Holder(str(said["host"]), int(said["pid"]), float(said["since"]))
            moment(holder.since)  # an error unless it is one
            here = holder.host == socket.gethostname()
            alive = not _lock(file.fileno(), shared=True) if here else _beats_elsewhere(path)
            return Holder(holder.host, holder.pid, holder.since, alive, path.stat().st_mtime)
    except _UNREADABLE:
        return None


def moment(seconds: float) -> str:
    """A time in seconds since 1970 as its date and time here."""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))


def _lock(descriptor: int, shared: bool = False) -> bool:
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks: the heartbeat has to do
        return True
    return True


def _beats_elsewhere(path: Path) -> bool:
    """Whether a process on another machine has been heard of lately."""
    try:
        with files.open_plain(path) as file:
            host = json.loads(file.read(_LONGEST))["host"]
        return bool(host != socket.gethostname() and time.time() - path.stat().st_mtime < _DEAD_SECONDS)
    except _UNREADABLE:
        return False


def _held(path: Path, holder: Holder | None) -> BadInput:
    who = f"process {holder.pid} on {holder.host}" if holder is not None else "another process"
    since = moment(holder.since) if holder is not None else ""
    rule = f"is being written by {who}" + (f" since {since}" if since else "")
    fix = "wait until it has ended, or end it: what it has done so far is kept"
    return BadInput("run directory", str(path), rule, fix)
