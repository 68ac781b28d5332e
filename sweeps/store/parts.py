"""A table on disk: a folder of Parquet parts under one schema.

A part's name never changes and no part is ever removed, so whoever reads the folder while a sweep
runs sees each row once: the old or the new version of a part, never both and never half.
Each page carries a checksum: without, most flipped bits would be read as other numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import BinaryIO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sweeps.errors import BadInput
from sweeps.store import files
from sweeps.store.atomic import write_atomically
from sweeps.store.footer import too_much

RESTORE = "restore it from a copy; a sweep writes its files whole or not at all"
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
            with _opened(self.folder / part_name(index)) as file:
                table = pq.ParquetFile(file, page_checksum_verification=True).read()
            self.write(index, conform(table, schema))


def conform(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The table under a wider schema, with nulls where it has no column."""
    columns = [
        table.column(field.name) if field.name in table.column_names else pa.nulls(len(table), field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def read_parts(folder: Path, needed: Iterable[str]) -> pd.DataFrame:
    """A table's rows in the order of its parts, every page held against its checksum.

    Whatever else lies in the folder is passed over.

    Args:
        folder: of the table.
        needed: columns without which it is not the table.

    Raises:
        BadInput: a part is missing, damaged, or belongs to another table; the message names the file.
    """
    numbers = _numbers(folder)
    gap = next(number for number in count() if number not in numbers)
    if not numbers or gap < max(numbers):
        raise _damaged(folder / part_name(gap) if numbers else folder, "is missing", folder.parent)
    frames = [_read(folder / part_name(number)) for number in range(len(numbers))]
    for number, frame in enumerate(frames):
        wrong = _stranger(frame, frames[0], needed)
        if wrong:
            rule = f"is not a part of this table: {wrong}"
            raise _damaged(folder / part_name(number), rule, folder.parent)
    return pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]


def _numbers(folder: Path) -> set[int]:
    names = (path.name for path in folder.iterdir()) if folder.is_dir() else ()
    return {int(found[1]) for name in names if (found := _PART.fullmatch(name))}


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """A part, opened for reading. Raises `BadInput` where it stands for more than a sweep writes."""
    with files.open_plain(path) as file:
        if wrong := too_much(file):
            raise _damaged(path, wrong, path.parents[1])
        yield file


def _read(path: Path) -> pd.DataFrame:
    try:
        with _opened(path) as file:
            frame = pd.read_parquet(file, page_checksum_verification=True)
            sound = _agrees(frame, pq.ParquetFile(file))
    except BadInput:
        raise
    except Exception as error:  # what a damaged file makes of its reader is anything
        raise _damaged(path, f"cannot be read: {_first_line(error)}", path.parents[1]) from error
    if not sound:
        raise _damaged(path, "is damaged: its footer contradicts its contents", path.parents[1])
    return frame


def _agrees(frame: pd.DataFrame, footer: pq.ParquetFile) -> bool:
    """Whether what a footer says twice is said alike. No checksum covers it."""
    described = footer.metadata
    rows = sum(described.row_group(i).num_rows for i in range(described.num_row_groups))
    columns = (footer.schema_arrow.pandas_metadata or {"columns": []})["columns"]
    namings = ([column[key] for column in columns] for key in ("name", "field_name"))
    named_alike = all(names in ([], footer.schema_arrow.names) for names in (list(frame.columns), *namings))
    return named_alike and len(frame) == rows == described.num_rows


def _stranger(frame: pd.DataFrame, first: pd.DataFrame, needed: Iterable[str]) -> str | None:
    """What tells a part from the others of its table. A table that is being widened has two schemas."""
    for name in needed:
        if name not in frame:
            return f"it has no column {name!r}"
    for name in frame.columns.intersection(first.columns):
        if frame[name].dtype != first[name].dtype:
            return f"its column {name!r} holds {frame[name].dtype}, not {first[name].dtype}"
    return None


def _damaged(path: Path, rule: str, run: Path) -> BadInput:
    return BadInput(str(run), str(path.relative_to(run)), rule, RESTORE)


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)


def part_name(index: int) -> str:
    return f"part-{index:05d}.parquet"
