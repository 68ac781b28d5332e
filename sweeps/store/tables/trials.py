"""The trials table: one row per trial, rewritten as the trial goes on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from sweeps.space import Config, Fixed, Space, config_text
from sweeps.store.tables.parts import Parts
from sweeps.store.tables.schema import CONFIG, as_cell, trials_schema
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
    parent: int | None = None
    parent_epoch: int | None = None


class TrialsTable:
    """Rows live in the part ``trial // 1000``; only parts with changed rows are written again."""

    def __init__(self, folder: Path, space: Space, earlier: Sequence[Space] = ()) -> None:
        self._spaces, self._parents = [space, *earlier], False
        self._parts = Parts(folder, self._schema())
        self._rows: dict[int, dict[int, TrialRow]] = {}
        self._dirty: set[int] = set()

    def put(self, row: TrialRow) -> None:
        """Add the row, or note that it has changed."""
        if row.parent is not None and not self._parents:
            self._parents = True
            self._remake()
        part = part_of(row.trial)
        self._rows.setdefault(part, {})[row.trial] = row
        self._dirty.add(part)

    def widen(self, config: Config) -> None:
        """Make room for a config that is none of the space's: columns for its names, and for its values."""
        space, *rest = self._spaces
        if space.own(config) is not None:
            return
        given = Space({name: Fixed(value) for name, value in config.items()})
        if not trials_schema(space, [given, *rest], self._parents).equals(self._parts.schema):
            self._spaces = [space, given, *rest]
            self._remake()

    def _remake(self) -> None:
        """Write all parts again under the schema as it is now, if that is another one."""
        schema = self._schema()
        if not schema.equals(self._parts.schema):
            self._parts.schema = schema
            self._dirty.update(self._rows)

    def _schema(self) -> pa.Schema:
        return trials_schema(self._spaces[0], self._spaces[1:], self._parents)

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
