"""A sweep's folder while the sweep runs: everything that is written passes here."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import BinaryIO

from sweeps.errors import BadInput
from sweeps.schedulers import Round
from sweeps.space import Space
from sweeps.store.atomic import write_atomically
from sweeps.store.checkpoints import Checkpoints
from sweeps.store.metrics import MetricsTable
from sweeps.store.rounds import RoundsTable
from sweeps.store.trials import TrialsTable

SPEC_FILE = "spec.yaml"
_URL = re.compile(
    r"([A-Za-z][A-Za-z0-9+.-]+):/+"
)  # of two letters at least: c:/ is a drive. Path makes :/ of ://
_FLUSH_SECONDS = 1.0
_FLUSH_SHARE = 0.05  # the most of the loop's time that writing may take


class RunDirectory:
    """Creates the folder and its empty tables; raises `BadInput` if the folder holds anything already.

    path: the folder. spec: the text of its spec.yaml. metrics: those known in advance, if any.
    """

    def __init__(self, path: Path, spec: str, space: Space, metrics: Iterable[str] = ()) -> None:
        check_empty(path)
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        write_atomically(path / SPEC_FILE, lambda file: _write_text(file, spec))
        self.trials = TrialsTable(path / "trials", space)
        self.metrics = MetricsTable(path / "metrics", metrics)
        self.checkpoints = Checkpoints(path / "checkpoints")
        self._rounds = RoundsTable(path / "rounds", space)
        self._next_flush = 0.0

    def flush_if_due(self, rounds: Sequence[Round]) -> None:
        """`flush`, but at most about once a second and never for more than a small share of the time."""
        if time.monotonic() >= self._next_flush:
            self.flush(rounds)

    def flush(self, rounds: Sequence[Round]) -> None:
        """Make everything durable. Metrics first: a trial's row never counts epochs the table lacks."""
        began = time.monotonic()
        self._rounds.flush(rounds)
        self.metrics.flush()
        self.trials.flush()
        self.checkpoints.flush()
        now = time.monotonic()
        self._next_flush = now + max(_FLUSH_SECONDS, (now - began) / _FLUSH_SHARE)

    def discard(self) -> None:
        """Remove what was written, for a sweep that turned out not to be startable; the folder stays."""
        for made in self.path.iterdir():
            shutil.rmtree(made) if made.is_dir() else made.unlink()


def check_empty(path: Path) -> None:
    """Raise `BadInput` unless the folder is absent or empty."""
    if not path.exists() or (path.is_dir() and not any(path.iterdir())):
        return
    if (path / SPEC_FILE).exists():
        rule = "already holds a sweep, and a sweep never overwrites another"
        raise BadInput(
            "out", str(path), rule, "give another folder with --out (out= in Python), or move this one away"
        )
    raise BadInput("out", str(path), "exists and is not an empty folder", "give a new folder with --out")


@contextmanager
def claimed(out: str | Path | None, name: str) -> Iterator[Path]:
    """A folder for one sweep alone: `out`, or else the first of runs/name, runs/name-2, … that is free.

    Made at once, so that nobody else takes it; gone again if it is empty in the end. The path is absolute,
    since a trainable may change the current folder. Raises `BadInput`.
    """
    _check_path(out)
    try:
        path = _first_free(Path("runs").absolute() / name) if out is None else _given(Path(out).absolute())
    except OSError as error:
        raise BadInput(
            "out", str(out or "runs"), f"cannot be made: {error.strerror}", "give another folder"
        ) from error
    try:
        yield path
    finally:
        with suppress(OSError):
            path.rmdir()


def _check_path(out: object) -> None:
    if not isinstance(out, str | Path | None):
        raise BadInput("out", out, "is not a path", "give a folder to write")
    if found := _URL.match(str(out)):
        fix = "give a folder of this machine, and copy it there once the sweep is over"
        rule = f"is an address, and {found[1]}:// is not supported"
        raise BadInput("out", f"{found[1]}://{str(out)[found.end() :]}", rule, fix)


def _given(path: Path) -> Path:
    check_empty(path)
    path.mkdir(parents=True, exist_ok=True)
    return path


def _first_free(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    for number in count(1):
        candidate = path if number == 1 else path.with_name(f"{path.name}-{number}")
        with suppress(FileExistsError):
            candidate.mkdir()
            return candidate
    raise AssertionError("count never ends")


def _write_text(file: BinaryIO, text: str) -> None:
    file.write(text.encode())
