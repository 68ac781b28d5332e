"""A table on disk: a folder of Parquet parts under one schema.

A part's name never changes and no part is ever removed, so whoever reads the folder while a sweep
runs sees each row once: the old or the new version of a part, never both and never half.
Each page carries a checksum: without, most flipped bits would be read as other numbers.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sweeps.errors import BadInput
from sweeps.store import files
from sweeps.store.atomic import write_atomically
from sweeps.store.tables.footer import TOO_LARGE, has_too_much_text, is_folded, long_texts, too_much

RESTORE = "restore it from a copy; a sweep writes its files whole or not at all"
CONTRADICTS = "is damaged: its footer contradicts its contents"
_SMALL = 1 << 20  # bytes; a part of fewer is read in one go, which is faster than piece by piece
_PART = re.compile(r"part-(\d{5,})\.parquet")


class Parts:
    """The parts of one table. Each carries the table's whole schema, since a reader takes the first's."""

    def __init__(self, folder: Path, schema: pa.Schema, there: int = 0) -> None:
        self.folder, self.schema = folder, schema
        self._count = there  # parts that are there already and are left as they are
        if folder.is_symlink() or not folder.is_dir():
            files.make_folder(folder)  # a link that somebody laid there is not taken for our folder
        if not (folder / part_name(0)).exists():
            self.write(0, schema.empty_table())

    def write(self, index: int, table: pa.Table) -> None:
        """Write or replace a part; once this returns, its rows survive a crash."""
        path = self.folder / part_name(index)
        write_atomically(path, lambda file: pq.write_table(table, file, write_page_checksum=True))
        self._count = max(self._count, index + 1)

    def add_columns(self, schema: pa.Schema) -> None:
        """Give every part the new schema; its further columns are null in the rows there are."""
        self.schema = schema
        for index in range(self._count):
            _, table = read_part(self.folder / part_name(index))
            self.write(index, conform(table, schema))


def conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The table under a wider schema, with nulls where it has no column."""
    columns = [
        table.column(field.name) if field.name in table.column_names else pa.nulls(len(table), field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def read_part(path: Path, columns: Collection[str] | None = None) -> tuple[pa.Schema, pa.Table]:
    """A part's whole schema and its rows, every page that is read held against its checksum.

    Args:
        path: The part's.
        columns: Those that are wanted, as far as there are such; all of them by default.

    Raises:
        BadInput: It is damaged, or stands for more than a sweep writes; the message names the file.
    """
    try:
        with files.open_plain(path) as file:
            small = os.fstat(file.fileno()).st_size <= _SMALL
            found = _read(pa.BufferReader(file.read()) if small else file, columns)
    except Exception as error:  # what a damaged file makes of its reader is anything
        raise damaged(path, f"cannot be read: {first_line(error)}") from error
    if isinstance(found, str):
        raise damaged(path, found)
    return found


def may_hold(path: Path, column: str, numbers: Collection[int]) -> bool:
    """Whether some of these numbers may be in a part's column, by its footer; true where it does not say."""
    try:
        with files.open_plain(path) as file:
            footer = pq.ParquetFile(file).metadata
            place = [footer.schema.column(i).path for i in range(footer.num_columns)].index(column)
            known = [footer.row_group(i).column(place).statistics for i in range(footer.num_row_groups)]
            return any(each.min <= number <= each.max for each in known for number in numbers)
    except Exception:  # whoever reads the part says what is wrong with it
        return True


def _read(source: Any, columns: Collection[str] | None) -> str | tuple[pa.Schema, pa.Table]:
    """What `read_part` gives, or why it is not read."""
    part = pq.ParquetFile(source, page_checksum_verification=True)
    footer, schema = part.metadata, part.schema_arrow
    if refused := too_much(footer, schema):
        return refused
    names = [name for name in schema.names if columns is None or name in columns]
    long = long_texts(footer, set(names))
    if long:
        checked = {"page_checksum_verification": True, "read_dictionary": long}
        part = pq.ParquetFile(source, metadata=footer, **checked)
    table = part.read(None if columns is None else names, use_threads=False)
    if long and has_too_much_text(table):
        return TOO_LARGE
    if columns is not None:
        table = table.select(names)  # the name "config" stands for all columns "config.…" too
    if table.schema.names != names or len(table) != _rows(footer):
        return CONTRADICTS
    # A footer has the schema twice; all is checked, and made into a frame, by this one.
    return schema, (_unfolded(table, schema) if long else table).replace_schema_metadata(schema.metadata)


def _rows(footer: pq.FileMetaData) -> int | None:
    """How many, which a footer says twice; None where it says two numbers."""
    rows = sum(footer.row_group(i).num_rows for i in range(footer.num_row_groups))
    return rows if rows == footer.num_rows else None


def _unfolded(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The table with its texts as they are in the schema, no longer as dictionaries."""
    for i, field in enumerate(table.schema):
        if is_folded(field.type):
            plain = schema.field(field.name)
            table = table.set_column(i, plain, table.column(i).cast(plain.type))
    return table


def damaged(path: Path, rule: str) -> BadInput:
    """What is wrong with one of a sweep's tables, or with a part of it."""
    run = path.parents[1] if _PART.fullmatch(path.name) else path.parent
    return BadInput(str(run), str(path.relative_to(run)), rule, RESTORE)


def part_numbers(folder: Path) -> set[int]:
    """Of the parts in a table's folder; whatever else lies there is passed over."""
    names = (path.name for path in folder.iterdir()) if folder.is_dir() else ()
    return {int(found[1]) for name in names if (found := _PART.fullmatch(name))}


def first_line(error: Exception) -> str:
    """Of its message; its type where that is empty."""
    return next(iter(str(error).splitlines()), type(error).__name__)


def part_name(index: int) -> str:
    return f"part-{index:05d}.parquet"
