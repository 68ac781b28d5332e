"""The trials table: one row per trial, rewritten as the trial goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from sweeps.space import Config, Space, config_text
from sweeps.store.parts import Parts
from sweeps.store.schema import CONFIG, as_cell, trials_schema
from sweeps.trial import Status

_ROWS_A_PART = 1000


@dataclass(slots=True)
class TrialRow:
    """What the table says of one trial; the sweep loop keeps it up to date."""

    trial: int
    round: int
    config: Config
    seed: int = 0
    repeats: int | None = None
    status: Status = Status.RUNNING
    objective: float | None = None
    best_epoch: int | None = None
    epochs: int = 0
    seconds: float = 0.0
    worker: str = ""
    error: str | None = None


class TrialsTable:
    """Rows live in the part ``trial // 1000``; only parts with changed rows are written again."""

    def __init__(self, folder: Path, space: Space, earlier: Sequence[Space] = ()) -> None:
        self._parts = Parts(folder, trials_schema(space, earlier))
        self._rows: dict[int, dict[int, TrialRow]] = {}
        self._dirty: set[int] = set()

    def put(self, row: TrialRow) -> None:
        """Add the row, or note that it has changed."""
        part = part_of(row.trial)
        self._rows.setdefault(part, {})[row.trial] = row
        self._dirty.add(part)

    def flush(self) -> None:
        """Make all rows durable."""
        for part in sorted(self._dirty):
            rows = [self._rows[part][trial] for trial in sorted(self._rows[part])]
            self._parts.write(part, _as_table(rows, self._parts.schema))
        self._dirty.clear()


def part_of(trial: int) -> int:
    """The number of the part that has a trial's row."""
    return trial // _ROWS_A_PART


def _as_table(rows: list[TrialRow], schema: pa.Schema) -> pa.Table:
    return pa.table([pa.array(_column(rows, field), field.type) for field in schema], schema=schema)


def _column(rows: list[TrialRow], field: pa.Field) -> list[Any]:
    if field.name == "config":
        return [config_text(row.config) for row in rows]
    if field.name.startswith(CONFIG):
        key = field.name.removeprefix(CONFIG)
        return [as_cell(row.config.get(key), field.type) for row in rows]
    return [getattr(row, field.name) for row in rows]
