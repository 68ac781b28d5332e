"""A table on disk: a folder of Parquet parts under one schema.

A part's name never changes and no part is ever removed, so whoever reads the folder while a sweep
runs sees each row once: the old or the new version of a part, never both and never half.
"""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sweeps.tables.atomic import write_atomically


class Parts:
    """The parts of one table. Each carries the table's whole schema, since a reader takes the first's."""

    def __init__(self, folder: Path, schema: pa.Schema) -> None:
        self.folder, self.schema = folder, schema
        folder.mkdir(parents=True)  # a link that somebody laid there is not taken for our folder
        self.write(0, schema.empty_table())

    def write(self, index: int, table: pa.Table) -> None:
        """Write or replace a part; once this returns, its rows survive a crash."""
        write_atomically(self._path(index), lambda file: pq.write_table(table, file))

    def widen(self, schema: pa.Schema) -> None:
        """Give every part the new schema; its further columns are null in the rows there are."""
        self.schema = schema
        for path in sorted(self.folder.glob("part-*.parquet")):
            table = conform(pq.read_table(path, partitioning=None), schema)
            write_atomically(path, lambda file, table=table: pq.write_table(table, file))  # type: ignore[misc]

    def _path(self, index: int) -> Path:
        return self.folder / f"part-{index:05d}.parquet"


def conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The table under a wider schema, with nulls where it has no column."""
    columns = [
        table.column(field.name) if field.name in table.column_names else pa.nulls(len(table), field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)
