"""The kinds of files that can be read, by suffix: a new one is a line here, and a reader beside."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from trainer.data.read.arrow import read_feather, read_parquet
from trainer.data.read.columns import Table
from trainer.data.read.csv import read_csv
from trainer.data.read.npz import read_npz
from trainer.data.read.source import Source
from trainer.data.read.table import Reader, Wanted, read_table

_TEXT = (".csv", ".tsv", ".txt")
_PACKED = (".gz", ".bz2")  # what Arrow unpacks
TABLES: Mapping[str, Reader] = {
    **dict.fromkeys(_TEXT, read_csv),
    **{text + packed: read_csv for packed in _PACKED for text in _TEXT},
    ".parquet": read_parquet,
    ".feather": read_feather,
    ".arrow": read_feather,
}
ARRAYS: Mapping[str, Callable[[Path], Source]] = {".npz": read_npz}
SUFFIXES = (*ARRAYS, *TABLES)


def suffix_of(path: str | Path) -> str:
    """In small letters; of a packed file both, such as .csv.gz."""
    *_, first, last = ("", "", *(suffix.lower() for suffix in Path(path).suffixes))
    return first + last if last in _PACKED else last


def is_table(path: str | Path) -> bool:
    """Whether the file has columns with names, one of which is the target."""
    return suffix_of(path) in TABLES


def read_columns(path: Path, texts: Sequence[str] = ()) -> Table:
    """The table in a file. texts: columns that are read as text, as it is written. Raises `Unusable`."""
    return TABLES[suffix_of(path)](path, texts)


def read_file(path: Path, wanted: Wanted) -> Source:
    """The features and labels in a file of a kind that is among `SUFFIXES`.

    Raises `Unusable` if there is nothing in it to train on, or the target is none of its columns.
    """
    if is_table(path):
        return read_table(TABLES[suffix_of(path)], path, wanted)
    return ARRAYS[suffix_of(path)](path)
