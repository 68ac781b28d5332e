"""Reads what Arrow writes: .parquet, and .feather or .arrow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pyarrow as pa
from pyarrow import feather, parquet

from trainer.data.read.columns import Table, without_views
from trainer.errors import Unusable, message

# What a damaged file makes Arrow raise.
_UNREADABLE = (
    OSError,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    NotImplementedError,
    OverflowError,
    MemoryError,
    pa.ArrowException,
)


def read_parquet(path: Path, text: Sequence[str] = ()) -> Table:
    """The table in a file. An index that pandas noted as such is no column.

    text: ignored, for columns have their types already. Raises `Unusable`.
    """

    def read() -> pa.Table:
        with parquet.ParquetFile(path, page_checksum_verification=True) as file:
            return file.read()

    return _read(path, read)


def read_feather(path: Path, text: Sequence[str] = ()) -> Table:
    """The same of a .feather file, or of another that holds record batches."""
    return _read(path, lambda: feather.read_table(path))


def _read(path: Path, read: Callable[[], pa.Table]) -> Table:
    try:
        table = read()
        index = (table.schema.pandas_metadata or {}).get("index_columns", [])
        names = table.column_names
        table = table.drop_columns([name for name in index if name in names])
    except _UNREADABLE as error:
        fix = "check that the file is whole and of this kind"
        raise Unusable(f"cannot be read as {path.suffix}: {message(error)}", fix) from error
    return Table(without_views(table))
