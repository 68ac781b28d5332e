"""The jobs table: one row per job that has ended, which together are the timeline of a sweep."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from sweeps.store.growing import GrowingTable, sealed_parts
from sweeps.store.schema import jobs_schema


class JobRow(NamedTuple):
    """What the table says of one job; see `jobs_schema`."""

    trial: int
    start: int
    stop: int
    asked: float
    started: float | None
    ended: float
    seconds: float
    worker: str
    outcome: str


class JobsTable:
    """Grows with each job that ends.

    Args:
        folder: The table's. Full parts that are there already are left as they are: the rows that are
            appended first are those in them.
    """

    def __init__(self, folder: Path) -> None:
        self._table = GrowingTable(folder, jobs_schema(), sealed_parts(folder))
        self._pending: list[JobRow] = []

    def append(self, row: JobRow) -> None:
        """Add a job."""
        if not self._table.pass_over(1):
            self._pending.append(row)

    def flush(self) -> None:
        """Make all rows durable. Where that fails, they stay in memory for the next time."""
        if self._pending:
            self._table.append(self._as_table())
            self._pending = []
        self._table.flush()

    def _as_table(self) -> pa.Table:
        schema = self._table.schema
        columns = [
            _column(values, field)
            for values, field in zip(zip(*self._pending, strict=True), schema, strict=True)
        ]
        return pa.table(columns, schema=schema)


def _column(values: tuple[object, ...], field: pa.Field) -> pa.Array:
    if pa.types.is_timestamp(field.type):
        moments = [np.nan if value is None else value for value in values]
        microseconds = (np.array(moments, np.float64) * 1e6).round()
        return (
            pa.array(microseconds, pa.float64(), mask=np.isnan(microseconds))
            .cast(pa.int64())
            .cast(field.type)
        )
    return pa.array(values, field.type)
