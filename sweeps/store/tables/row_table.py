"""A table that grows by rows which come one by one, each a named tuple in the order of its columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from sweeps.store.tables.growing import GrowingTable, sealed_parts


class RowTable:
    """Rows wait in memory until `flush`.

    Args:
        folder: The table's. Full parts that are there already are left as they are: the rows that are
            appended first are those in them.
        schema: Of its rows.
        lazy: Whether the folder is made with the first row, and not before.
    """

    def __init__(self, folder: Path, schema: pa.Schema, lazy: bool = False) -> None:
        self._folder, self._schema = folder, schema
        self._made = None if lazy else self._make()
        self._pending: list[tuple[Any, ...]] = []

    def append(self, row: tuple[Any, ...]) -> None:
        """Add a row."""
        self._made = self._made or self._make()
        if not self._made.pass_over(1):
            self._pending.append(row)

    def flush(self) -> None:
        """Make all rows durable. Where that fails, they stay in memory for the next time."""
        if self._made is None:
            return
        if self._pending:
            self._made.append(self._as_table())
            self._pending = []
        self._made.flush()

    def _make(self) -> GrowingTable:
        return GrowingTable(self._folder, self._schema, sealed_parts(self._folder))

    def _as_table(self) -> pa.Table:
        columns = [
            _column(values, field)
            for values, field in zip(zip(*self._pending, strict=True), self._schema, strict=True)
        ]
        return pa.table(columns, schema=self._schema)


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
