"""The metrics table: one row per trial and epoch, only ever appended to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import pyarrow as pa

from sweeps.store.parts import Parts, conform
from sweeps.store.schema import metrics_schema
from sweeps.trial import Row

_ROWS_A_PART = 100_000


class MetricsTable:
    """The last part grows, and is written again with each flush, until it is full."""

    def __init__(self, folder: Path, metrics: Iterable[str]) -> None:
        self._names = list(metrics)
        self._parts = Parts(folder, metrics_schema(self._names))
        self._last = 0
        self._tail: pa.Table = self._parts.schema.empty_table()
        self._pending: list[tuple[int, int, Row]] = []

    def append(self, trial: int, first_epoch: int, rows: Sequence[Row]) -> None:
        """Add the metrics of the epochs `first_epoch`, `first_epoch` + 1, … of a trial."""
        self._pending += [(trial, first_epoch + i, row) for i, row in enumerate(rows)]

    def flush(self) -> None:
        """Make all rows durable. A metric seen for the first time becomes a column of every part."""
        if not self._pending:
            return
        self._widen_for_new_metrics()
        self._tail = pa.concat_tables([self._tail, self._as_table()]).combine_chunks()
        self._pending = []
        self._parts.write(self._last, self._tail)
        if len(self._tail) >= _ROWS_A_PART:
            self._last += 1
            self._tail = self._parts.schema.empty_table()

    def _widen_for_new_metrics(self) -> None:
        # A dict keeps the order in which the metrics were first reported.
        seen = dict.fromkeys(name for _, _, row in self._pending for name in row)
        new = [name for name in seen if name not in self._names]
        if new:
            self._names += new
            self._parts.widen(metrics_schema(self._names))
            self._tail = conform(self._tail, self._parts.schema)

    def _as_table(self) -> pa.Table:
        columns = [
            pa.array([trial for trial, _, _ in self._pending], pa.int64()),
            pa.array([epoch for _, epoch, _ in self._pending], pa.int64()),
            *(pa.array([row.get(name) for _, _, row in self._pending], pa.float64()) for name in self._names),
        ]
        return pa.table(columns, schema=self._parts.schema)
