"""The metrics table: one row per trial and epoch, only ever appended to."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sweeps.events import Columns
from sweeps.store.parts import Parts, conform, part_name
from sweeps.store.schema import metrics_schema

ROWS_A_PART = 100_000


class _Epochs(NamedTuple):
    """Metrics of the epochs `first`, `first` + 1, … of a trial."""

    trial: int
    first: int
    length: int
    columns: Columns


class MetricsTable:
    """Rows in the order in which they came, `ROWS_A_PART` in a part.

    The last part grows, and is written again with each flush, until it is full; then it never changes, but
    for a metric that is seen for the first time, which becomes a column of every part.

    Args:
        folder: The table's.
        metrics: The names that are known in advance.
        sealed: How many full parts of it are there already, and are left as they are: the rows that are
            appended first are those in them.
    """

    def __init__(self, folder: Path, metrics: Iterable[str], sealed: int = 0) -> None:
        known = pq.read_schema(folder / part_name(0)).names[2:] if sealed else ()
        self._names = list(dict.fromkeys([*known, *metrics]))
        self._parts = Parts(folder, metrics_schema(self._names), sealed)
        self._tail: pa.Table = self._parts.schema.empty_table()
        self._pending: list[_Epochs] = []
        self._last = sealed
        self._dirty = False  # whether the tail has rows that its part lacks
        self._passed_over = sealed * ROWS_A_PART  # rows still to come that are in those parts

    def append(self, trial: int, first_epoch: int, count: int, columns: Columns) -> None:
        """Add the metrics of the epochs `first_epoch` … `first_epoch` + `count` - 1 of a trial."""
        if self._passed_over:
            known = min(self._passed_over, count)
            self._passed_over -= known
            first_epoch, count = first_epoch + known, count - known
            columns = {name: column[known:] for name, column in columns.items()}
        if count:
            self._pending.append(_Epochs(trial, first_epoch, count, columns))

    def flush(self) -> None:
        """Make all rows durable. Where that fails, they stay in memory for the next time."""
        if self._pending:
            self._add_new_metrics()
            self._tail = pa.concat_tables([self._tail, self._as_table()]).combine_chunks()
            self._pending, self._dirty = [], True
        while len(self._tail) >= ROWS_A_PART:
            self._parts.write(self._last, self._tail.slice(0, ROWS_A_PART))
            self._tail = self._tail.slice(ROWS_A_PART).combine_chunks()
            self._last += 1
        if self._dirty and len(self._tail):
            self._parts.write(self._last, self._tail)
        self._dirty = False

    def _add_new_metrics(self) -> None:
        # A dict keeps the order in which the metrics were first reported.
        seen = dict.fromkeys(name for epochs in self._pending for name in epochs.columns)
        new = [name for name in seen if name not in self._names]
        if new:
            self._parts.add_columns(metrics_schema([*self._names, *new]))
            self._names += new
            self._tail = conform(self._tail, self._parts.schema)

    def _as_table(self) -> pa.Table:
        counts = [epochs.length for epochs in self._pending]
        trials = np.repeat(np.array([epochs.trial for epochs in self._pending], np.int64), counts)
        numbers = [np.arange(epochs.first, epochs.first + epochs.length) for epochs in self._pending]
        columns = [pa.array(trials), pa.array(np.concatenate(numbers), pa.int64())]
        for name in self._names:
            values: list[float | None] = []
            for epochs in self._pending:
                values.extend(epochs.columns.get(name) or [None] * epochs.length)
            columns.append(pa.array(values, pa.float64()))
        return pa.table(columns, schema=self._parts.schema)


def sealed_parts(folder: Path) -> int:
    """How many parts of the table, from the first on, are full, so that they need not be made again."""
    number = 0
    while _rows(folder / part_name(number)) == ROWS_A_PART:
        number += 1
    return number


def _rows(part: Path) -> int:
    try:
        return int(pq.read_metadata(part).num_rows)
    except (OSError, pa.ArrowException):
        return 0
