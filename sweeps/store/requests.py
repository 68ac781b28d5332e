"""What others ask of the process that works on a sweep: files in its folder, read about once a second."""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

from sweeps.nudges import WHATS, Asked
from sweeps.store import files
from sweeps.store.atomic import write_bytes

REQUESTS = "requests"
_READ_SECONDS = 1.0
_STOP = re.compile(r"stop-(sweep|\d{1,18})\.json")
_NUDGE = re.compile(r"(nudge-\d{1,20}-[0-9a-f]{1,16})\.json")
_LARGEST = 1 << 16  # bytes of a nudge
_LONGEST_TEXT = 1 << 12  # bytes of an author's name, or of a reason
_TRIES = 100  # to write one
_PAUSE_SECONDS = 0.001  # between them


def request_stop(path: Path, trial: int | None = None) -> None:
    """Ask whoever works on the sweep in this folder to stop it, or one of its trials.

    Only the file's name counts for the reader; what is in it says who asked.

    Raises:
        OSError: The request cannot be written.
    """
    asked = {"host": socket.gethostname(), "pid": os.getpid(), "time": time.time()}
    _post(path, f"stop-{'sweep' if trial is None else trial}.json", asked)


def request_nudge(path: Path, asked: Asked) -> str:
    """Ask whoever trains the model of this folder to go on otherwise; gives the request's name.

    Raises:
        OSError: The request cannot be written.
    """
    name = f"nudge-{time.time_ns():020d}-{secrets.token_hex(4)}"
    form = {**vars(asked), "time": asked.time or time.time(), "name": name}
    form |= {key: _kept(form[key]) for key in ("author", "reason")}
    form |= {"host": socket.gethostname(), "pid": os.getpid()}
    _post(path, f"{name}.json", form)
    return name


def _kept(text: str) -> str:
    """Of a text what the log can keep."""
    return text.encode("utf-8", "replace")[:_LONGEST_TEXT].decode("utf-8", "ignore")


def _post(path: Path, name: str, form: Mapping[str, Any]) -> None:
    """Write a request. Whoever has read the last one before may remove the folder meanwhile."""
    folder = path / REQUESTS
    for left in reversed(range(_TRIES)):
        folder.mkdir(exist_ok=True)
        try:
            write_bytes(folder / name, json.dumps(form, default=str).encode())
            return
        except FileNotFoundError:
            if not left:
                raise
            time.sleep(_PAUSE_SECONDS)


def is_waiting(path: Path, name: str) -> bool:
    """Whether nobody has read a request yet."""
    return (path / REQUESTS / f"{name}.json").exists()


class Requests:
    """Reads the requests to the process that works on a sweep. To stop, older ones, to one before it, go.

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

    def nudges(self) -> list[Asked]:
        """Those that wait, in the order in which they were asked; each is there until it is `done`.

        One that cannot be read as a nudge is removed.
        """
        found: list[Asked] = []
        with suppress(OSError):  # as a rule, there is no such folder
            for path in sorted(self._folder.iterdir()):
                if not (named := _NUDGE.fullmatch(path.name)):
                    continue
                if (asked := _asked(path, named[1])) is None:
                    self.done(named[1])
                else:
                    found.append(asked)
        return found

    def done(self, name: str) -> None:
        """A nudge is in the log, or was refused."""
        with suppress(OSError):
            (self._folder / f"{name}.json").unlink()
            self._folder.rmdir()

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


def _asked(path: Path, name: str) -> Asked | None:
    """What a file asks for; None where it is none of ours, whoever has laid it there."""
    try:
        with files.open_plain(path) as file:
            form = json.loads(file.read(_LARGEST))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(form, dict):
        return None
    known = {each.name: form[each.name] for each in fields(Asked) if each.name in form}
    return Asked(**{**known, "name": name}) if _is_sound(known) else None


def _is_text(given: Any) -> bool:
    """Whether the log can keep it: JSON may hold halves of letters, which UTF-8 cannot."""
    try:
        return isinstance(given, str) and len(given.encode()) <= _LONGEST_TEXT
    except UnicodeEncodeError:
        return False


def _is_sound(form: dict[str, Any]) -> bool:
    values = form.get("values", {})
    return (
        form.get("what") in WHATS
        and isinstance(values, dict)
        and all(type(form.get(key, 0)) in (int, type(None)) for key in ("branch", "epoch"))
        and all(_is_text(form.get(key, "")) for key in ("author", "reason"))
        and all(map(_is_text, values))
        and type(form.get("time", 0.0)) in (int, float)
    )
