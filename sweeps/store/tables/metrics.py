"""The metrics table: one row per trial and epoch."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sweeps.columns import Columns
from sweeps.store.tables.growing import GrowingTable, sealed_parts
from sweeps.store.tables.parts import part_name
from sweeps.store.tables.schema import metrics_schema


class _Epochs(NamedTuple):
    """Metrics of the epochs `first`, `first` + 1, … of a trial."""

    trial: int
    first: int
    length: int
    columns: Columns


class MetricsTable:
    """Grows with each report; a metric that is seen for the first time becomes a column of every part.

    Args:
        folder: The table's. Full parts that are there already are left as they are: the rows that are
            appended first are those in them.
        metrics: The names that are known in advance.
    """

    def __init__(self, folder: Path, metrics: Iterable[str]) -> None:
        sealed = sealed_parts(folder)
        known = pq.read_schema(folder / part_name(0)).names[2:] if sealed else ()
        self._names = list(dict.fromkeys([*known, *metrics]))
        self._table = GrowingTable(folder, metrics_schema(self._names), sealed)
        self._pending: list[_Epochs] = []

    def append(self, trial: int, first_epoch: int, count: int, columns: Columns) -> None:
        """Add the metrics of the epochs `first_epoch` … `first_epoch` + `count` - 1 of a trial."""
        if known := self._table.pass_over(count):
            first_epoch, count = first_epoch + known, count - known
            columns = {name: column[known:] for name, column in columns.items()}
        if count:
            self._pending.append(_Epochs(trial, first_epoch, count, columns))

    def flush(self) -> None:
        """Make all rows durable. Where that fails, they stay in memory for the next time."""
        if self._pending:
            self._add_new_metrics()
            self._table.append(self._as_table())
            self._pending = []
        self._table.flush()

    def _add_new_metrics(self) -> None:
        # A dict keeps the order in which the metrics were first reported.
        seen = dict.fromkeys(name for epochs in self._pending for name in epochs.columns)
        new = [name for name in seen if name not in self._names]
        if new:
            self._table.add_columns(metrics_schema([*self._names, *new]))
            self._names += new

    def _as_table(self) -> pa.Table:
        lengths = [epochs.length for epochs in self._pending]
        trials = np.repeat(np.array([epochs.trial for epochs in self._pending], np.int64), lengths)
        numbers = [np.arange(epochs.first, epochs.first + epochs.length) for epochs in self._pending]
        columns = [pa.array(trials), pa.array(np.concatenate(numbers), pa.int64())]
        for name in self._names:
            values: list[float | None] = []
            for epochs in self._pending:
                values.extend(epochs.columns.get(name) or [None] * epochs.length)
            columns.append(pa.array(values, pa.float64()))
        return pa.table(columns, schema=self._table.schema)
