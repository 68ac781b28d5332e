"""The kinds of files that can be read, by suffix: a new one is a line here, and a reader beside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from trainer.data.read.csv import read_csv
from trainer.data.read.npz import read_npz
from trainer.data.read.parquet import read_parquet
from trainer.data.read.source import Source
from trainer.data.read.table import Reader, read_table

TABLES: Mapping[str, Reader] = {".csv": read_csv, ".parquet": read_parquet}
ARRAYS: Mapping[str, Callable[[Path], Source]] = {".npz": read_npz}
SUFFIXES = (*ARRAYS, *TABLES)


def is_table(path: str | Path) -> bool:
    """Whether the file has columns with names, one of which is the target."""
    return Path(path).suffix.lower() in TABLES


def read_file(path: Path, target: str | None, as_text: bool) -> Source:
    """The features and labels in a file.

    Args:
        path: Of a kind that is among `SUFFIXES`.
        target: A table's column of labels.
        as_text: Whether labels are read as text, as they are written; a .csv alone leaves the choice.

    Raises:
        Unusable: If there is nothing in it to train on, or the target is none of its columns.
    """
    suffix = path.suffix.lower()
    if suffix in TABLES:
        return read_table(TABLES[suffix], path, target, as_text)
    return ARRAYS[suffix](path)
