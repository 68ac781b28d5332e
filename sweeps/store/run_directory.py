"""A sweep's folder while the sweep runs: everything that is written passes here."""

from __future__ import annotations

import errno
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from sweeps.errors import BadInput
from sweeps.space import Space
from sweeps.store.atomic import write_bytes
from sweeps.store.checkpoints import Checkpoints
from sweeps.store.lease import LEASE
from sweeps.store.log import Log
from sweeps.store.prints import PRINTS, PrintsFolder
from sweeps.store.requests import Requests
from sweeps.store.tables.metrics import MetricsTable
from sweeps.store.tables.rounds import RoundsTable
from sweeps.store.tables.row_table import RowTable
from sweeps.store.tables.schema import changes_schema, jobs_schema
from sweeps.store.tables.trials import TrialsTable
from sweeps.trial import Round

SPEC_FILE = "spec.yaml"
_URL = re.compile(
    r"([A-Za-z][A-Za-z0-9+.-]+):/+"
)  # of two letters at least: c:/ is a drive. Path makes :/ of ://
_FLUSH_SECONDS = 1.0
_FLUSH_SHARE = 0.05  # the most of the loop's time that writing tables may take …
_LONGEST_PAUSE = 15.0  # … unless readers would have to wait longer than this many seconds
_TRIES = 3  # to write everything when the sweep ends
LOG = "log"
CHANGES = "changes"  # a table that only sweeps have whose configs were changed


class RunDirectory:
    """The folder of a sweep: its log, which is the truth, and the tables that are made from it.

    Args:
        path: The folder; new or empty, or, to go on with a sweep, that sweep's.
        spec: The text of its spec.yaml.
        space: What the columns of the tables are made from.
        metrics: Those known in advance, if any.
        resumed: Whether the folder holds a sweep to go on with. Its tables begin empty in memory, and
            replace those on disk, part by part, as the log is replayed.
        earlier: The spaces that it searched before.

    Attributes:
        problem: Why the tables could not be brought up to date the last time; None if they could.

    Raises:
        BadInput: A new sweep is to be written to a folder that holds anything.
    """

    def __init__(
        self,
        path: Path,
        spec: str,
        space: Space,
        metrics: Iterable[str] = (),
        resumed: bool = False,
        earlier: Sequence[Space] = (),
    ) -> None:
        if not resumed:
            check_empty(path)
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        self._write_spec(spec)
        self.log = Log(path / LOG)
        self.trials = TrialsTable(path / "trials", space, earlier)
        self.metrics = MetricsTable(path / "metrics", metrics)
        self.jobs = RowTable(path / "jobs", jobs_schema())
        self.changes = RowTable(path / CHANGES, changes_schema(), lazy=True)
        self.checkpoints = Checkpoints(path / "checkpoints")
        self.requests = Requests(path)
        self.prints = PrintsFolder(path / PRINTS)
        self._rounds = RoundsTable(path / "rounds", space)
        self._next_flush = 0.0
        self.problem: OSError | None = None

    def commit_if_due(self, rounds: Sequence[Round]) -> bool:
        """Write the log, and about once a second sync it and bring the tables up to date.

        Returns:
            Whether it was time for the latter.
        """
        self.log.sync_if_due()
        is_due = time.monotonic() >= self._next_flush
        if is_due:
            self.commit(rounds)
        return is_due

    def commit(self, rounds: Sequence[Round]) -> bool:
        """Make the log durable, then the tables: they never hold what the log lacks.

        Returns:
            Whether all is on disk now.
        """
        if not self.log.sync():
            return False
        began = time.monotonic()
        try:
            self._flush(rounds)
            self.problem = None
        except OSError as error:
            self.problem = error
        now = time.monotonic()
        pause = min((now - began) / _FLUSH_SHARE, _LONGEST_PAUSE)
        self._next_flush = now + max(_FLUSH_SECONDS, pause)
        return self.problem is None

    def close(self, rounds: Sequence[Round]) -> None:
        """`commit` for the last time, again where the disk fails for a moment."""
        for _ in range(_TRIES):
            if self.commit(rounds):
                break
        self.log.close()

    def discard(self) -> None:
        """Remove what was written, for a sweep that turned out not to be startable; the folder stays."""
        self.log.close()
        for made in self.path.iterdir():
            shutil.rmtree(made) if made.is_dir() else made.unlink()

    def _flush(self, rounds: Sequence[Round]) -> None:
        """Metrics first: a trial's row never counts epochs the table lacks."""
        self._rounds.flush(rounds)
        self.metrics.flush()
        self.trials.flush()
        self.jobs.flush()
        self.changes.flush()
        self.checkpoints.flush()

    def _write_spec(self, spec: str) -> None:
        """Put the spec in its place; one that was there before and differs goes to history/."""
        path = self.path / SPEC_FILE
        before = path.read_bytes() if path.exists() else None
        if before == spec.encode():
            return
        if before is not None:
            kept = self.path / "history"
            kept.mkdir(exist_ok=True)
            number = next(n for n in count(1) if not (kept / f"spec-{n:03d}.yaml").exists())
            write_bytes(kept / f"spec-{number:03d}.yaml", before)
        write_bytes(path, spec.encode())


def no_sweep(path: Path) -> BadInput:
    """The error where a folder is not a sweep's."""
    fix = "give the folder of one, such as runs/digits"
    return BadInput("run directory", str(path), "holds no sweep", fix)


def check_empty(path: Path) -> None:
    """Raise `BadInput` unless the folder is absent or empty."""
    if not path.exists() or (path.is_dir() and _holds_nothing(path)):
        return
    if (path / SPEC_FILE).exists():
        fix = (
            f"`caviar resume {path}` goes on with it, and `caviar resume {path} --set trials=…` extends it;"
            " for another sweep, give another folder with --out (out= in Python)"
        )
        raise BadInput("out", str(path), "already holds a sweep, and none overwrites another", fix)
    raise BadInput("out", str(path), "exists and is not an empty folder", "give a new folder with --out")


def _holds_nothing(path: Path) -> bool:
    """Whether a folder is empty but for the lease of whoever is about to write it."""
    found = list(path.iterdir())
    return not found or (found == [path / LOG] and [each.name for each in found[0].iterdir()] == [LEASE])


@contextmanager
def claimed(out: str | Path | None, name: str) -> Iterator[Path]:
    """A folder for one sweep alone: `out`, or else the first of runs/name, runs/name-2, … that is free.

    Made at once, so that nobody else takes it; one that was made here is gone again if it is empty in the
    end. The path is absolute, since a trainable may change the current folder. Raises `BadInput`.
    """
    _check_path(out)
    existed = out is not None and Path(out).exists()
    try:
        path = _first_free(Path("runs").absolute() / name) if out is None else _given(Path(out).absolute())
    except OSError as error:
        raise _cannot_be_made(out, error.strerror) from error
    try:
        yield path
    finally:
        with suppress(OSError):
            if not existed:
                path.rmdir()


def check_free(out: str | Path | None) -> None:
    """Raise the `BadInput` that `claimed` would, and make nothing."""
    _check_path(out)
    path = Path(out or "runs").absolute()
    if out is not None:
        check_empty(path)
    above = next(folder for folder in (path, *path.parents) if folder.exists())
    if not above.is_dir() or not os.access(above, os.W_OK):
        why = os.strerror(errno.EACCES if above.is_dir() else errno.ENOTDIR)
        raise _cannot_be_made(out, why)


def _cannot_be_made(out: str | Path | None, why: str | None) -> BadInput:
    return BadInput("out", str(out or "runs"), f"cannot be made: {why}", "give another folder")


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
