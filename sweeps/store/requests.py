"""What others ask of the process that works on a sweep: files in its folder, read about once a second."""

from __future__ import annotations

import json
import os
import re
import socket
import time
from contextlib import suppress
from pathlib import Path

from sweeps.store.atomic import write_bytes

REQUESTS = "requests"
_READ_SECONDS = 1.0
_STOP = re.compile(r"stop-(sweep|\d{1,18})\.json")


def request_stop(path: Path, trial: int | None = None) -> None:
    """Ask whoever works on the sweep in this folder to stop it, or one of its trials.

    Only the file's name counts for the reader; what is in it says who asked.

    Raises:
        OSError: The request cannot be written.
    """
    folder = path / REQUESTS
    folder.mkdir(exist_ok=True)
    asked = json.dumps({"host": socket.gethostname(), "pid": os.getpid(), "time": time.time()})
    name = f"stop-{'sweep' if trial is None else trial}.json"
    write_bytes(folder / name, asked.encode())


class Requests:
    """Reads the requests to the process that works on a sweep. Older ones, to a process before it, go.

    Args:
        path: The sweep's folder.
    """

    def __init__(self, path: Path) -> None:
        self._folder = path / REQUESTS
        self._next = 0.0
        self._read()

    def stops(self) -> set[int | None]:
        """The trials that are to be stopped, None for the whole sweep; each request is given once."""
        if time.monotonic() < self._next:
            return set()
        return self._read()

    def _read(self) -> set[int | None]:
        self._next = time.monotonic() + _READ_SECONDS
        found: set[int | None] = set()
        with suppress(OSError):  # as a rule, there is no such folder
            for path in list(self._folder.iterdir()):
                if asked := _STOP.fullmatch(path.name):
                    path.unlink()
                    found.add(None if asked[1] == "sweep" else int(asked[1]))
            self._folder.rmdir()
        return found
