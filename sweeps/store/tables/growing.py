"""A table that only grows: rows in the order in which they came, so many in a part."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sweeps.store.tables.parts import Parts, conform, part_name

ROWS_A_PART = 100_000


class GrowingTable:
    """The last part is written again with each flush until it is full; then it is sealed, and never changes.

    Args:
        folder: The table's.
        schema: Of its rows.
        sealed: How many full parts are there already, and are left as they are: the rows that come first are
            those in them, see `pass_over`.
    """

    def __init__(self, folder: Path, schema: pa.Schema, sealed: int = 0) -> None:
        self._there = sealed * ROWS_A_PART  # rows still to come that are in those parts
        self._parts = Parts(folder, schema, sealed)
        self._tail: pa.Table = schema.empty_table()
        self._last = sealed
        self._is_written = True  # whether the last part holds all of the tail

    @property
    def schema(self) -> pa.Schema:
        return self._parts.schema

    def add_columns(self, schema: pa.Schema) -> None:
        """Give every part this schema, which has all columns of the one before and more."""
        self._parts.add_columns(schema)
        self._tail = conform(self._tail, schema)

    def pass_over(self, rows: int) -> int:
        """How many of the next so many rows are in sealed parts already, and are not to be appended."""
        known = min(self._there, rows)
        self._there -= known
        return known

    def append(self, rows: pa.Table) -> None:
        """Add rows; `flush` makes them durable."""
        self._tail = pa.concat_tables([self._tail, rows]).combine_chunks()
        self._is_written = False

    def flush(self) -> None:
        """Make all rows durable. Where that fails, they stay in memory for the next time."""
        while len(self._tail) >= ROWS_A_PART:
            self._parts.write(self._last, self._tail.slice(0, ROWS_A_PART))
            self._tail = self._tail.slice(ROWS_A_PART).combine_chunks()
            self._last += 1
        if not self._is_written and len(self._tail):
            self._parts.write(self._last, self._tail)
        self._is_written = True


def sealed_parts(folder: Path) -> int:
    """How many parts of a growing table, from the first on, are full, so that they need not be made again."""
    number = 0
    while _rows(folder / part_name(number)) == ROWS_A_PART:
        number += 1
    return number


def _rows(part: Path) -> int:
    try:
        return int(pq.read_metadata(part).num_rows) if part.is_file() else 0
    except (OSError, pa.ArrowException):
        return 0
