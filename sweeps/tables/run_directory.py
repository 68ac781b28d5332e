"""A sweep's folder while the sweep runs: everything that is written passes here."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from sweeps.errors import BadInput
from sweeps.scheduler import Round
from sweeps.space import Space
from sweeps.tables.atomic import write_atomically
from sweeps.tables.checkpoints import Checkpoints
from sweeps.tables.metrics import MetricsTable
from sweeps.tables.rounds import RoundsTable
from sweeps.tables.trials import TrialsTable

SPEC_FILE = "spec.yaml"
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
        write_atomically(path / SPEC_FILE, lambda target: _write_text(target, spec))
        self.trials = TrialsTable(path / "trials", space)
        self.metrics = MetricsTable(path / "metrics", metrics)
        self.checkpoints = Checkpoints(path / "checkpoints")
        self._rounds = RoundsTable(path / "rounds")
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
        now = time.monotonic()
        self._next_flush = now + max(_FLUSH_SECONDS, (now - began) / _FLUSH_SHARE)

    def discard(self) -> None:
        """Remove the folder, for a sweep that turned out not to be startable."""
        shutil.rmtree(self.path)


def check_empty(path: Path) -> None:
    """Raise `BadInput` unless the folder is absent or empty."""
    if path.is_dir() and not any(path.iterdir()):
        return
    if (path / SPEC_FILE).exists():
        rule = "already holds a sweep, and a sweep never overwrites another"
        raise BadInput(
            "out", str(path), rule, "give another folder with --out (out= in Python), or move this one away"
        )
    if path.exists():
        raise BadInput("out", str(path), "exists and is not an empty folder", "give a new folder with --out")


def free_path(path: Path) -> Path:
    """The path itself, or with -2, -3, … behind it: the first that does not exist yet."""
    candidate, number = path, 1
    while candidate.exists():
        number += 1
        candidate = path.with_name(f"{path.name}-{number}")
    return candidate


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
