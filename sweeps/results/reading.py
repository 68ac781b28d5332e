"""A table read back as a frame: its parts in threads, all of them made into one frame at once.

Schemas are compared before rows are put together, so that a part of another table is named.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial, reduce
from itertools import chain, count
from operator import or_
from pathlib import Path
from typing import TypeAlias, TypeVar

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sweeps.errors import BadInput
from sweeps.store.tables.parts import (
    CONTRADICTS,
    damaged,
    first_line,
    may_hold,
    part_name,
    part_numbers,
    read_part,
)

_KEY = "trial"
_MOST_THREADS = 8  # more than that wait for the disk, or for each other
_RUN = (
    8  # parts that a thread reads one after the other: handing over a small one costs as much as reading it
)
_Made = TypeVar("_Made")
_Part: TypeAlias = tuple[pa.Schema, pa.Table]  # all columns of the part, and the rows that were read


def read_parts(folder: Path, needed: Iterable[str], columns: Collection[str] | None = None) -> pd.DataFrame:
    """A table's rows in the order of its parts, every page that is read held against its checksum.

    Whatever else lies in the folder is passed over.

    Args:
        folder: of the table.
        needed: columns without which it is not the table.
        columns: those that are wanted, as far as the table has them; all of them by default.

    Raises:
        BadInput: a part is missing, damaged, or belongs to another table; the message names the file.
    """
    paths = _paths(folder)
    return _made(paths, _each(lambda path: read_part(path, columns), paths), needed, _together)


def read_epochs(folder: Path, needed: Iterable[str], epochs: Mapping[int, int]) -> pd.DataFrame:
    """The row of each of these trials at its epoch, in no order, from a table that has one for each.

    Parts that have none of them by their footers are read only where rows are missing in the others, since no
    checksum covers a footer.
    """
    pairs = [(pc.field(_KEY) == trial) & (pc.field("epoch") == epoch) for trial, epoch in epochs.items()]
    read = partial(_rows_in, trials=[*epochs], keys=(_KEY, "epoch"), rows=reduce(or_, pairs))
    return _read_some(folder, needed, read, epochs, len(epochs))


def read_trial(folder: Path, needed: Iterable[str], trial: int, count: int) -> pd.DataFrame:
    """The rows of a trial, of which there should be so many, in the order of the table.

    As `read_epochs`, it reads the other parts only where rows are missing.
    """
    read = partial(_rows_in, trials=[trial], keys=(_KEY,), rows=pc.field(_KEY) == trial)
    return _read_some(folder, needed, read, [trial], count)


def _read_some(
    folder: Path, needed: Iterable[str], read: Callable[[Path], _Part], trials: Collection[int], count: int
) -> pd.DataFrame:
    """What `read` gives of the parts that may hold these trials, and of the others where it is too little."""
    paths = _paths(folder)
    chosen = [path for path in paths if may_hold(path, _KEY, trials)]
    parts = _each(read, chosen)
    if not chosen or sum(len(rows) for _, rows in parts) < count:
        others = [path for path in paths if path not in chosen]
        chosen, parts = chosen + others, parts + _each(read, others)
    return _made(chosen, parts, needed, _together)


def read_row(folder: Path, needed: Iterable[str], trial: int, likely: int) -> pd.DataFrame:
    """The row of a trial in a table that has one for each; empty where there is none.

    likely: the number of the part where it is looked for first.
    """
    paths = _paths(folder)
    for path in chain(paths[likely : likely + 1], paths[:likely], paths[likely + 1 :]):
        schema, rows = _rows_in(path, [trial], [_KEY], pc.field(_KEY) == trial)
        if len(rows):
            break
    return _made([path], [(schema, rows)], needed, _together)


def read_trials(folder: Path, needed: Iterable[str], trials: range) -> pa.Table:
    """The rows of these trials, in the order of the parts; as Arrow's, which tell what is null from NaN.

    Raises:
        BadInput: as `read_parts`.
    """
    paths = _paths(folder)
    inside = (pc.field(_KEY) >= trials.start) & (pc.field(_KEY) < trials.stop)
    parts = _each(partial(_rows_in, trials=trials, keys=[_KEY], rows=inside), paths)
    return _made(paths, parts, needed, _concatenated)


def _paths(folder: Path) -> list[Path]:
    numbers = part_numbers(folder)
    gap = next(number for number in count() if number not in numbers)
    if not numbers or gap < max(numbers):
        raise damaged(folder / part_name(gap) if numbers else folder, "is missing")
    return [folder / part_name(number) for number in range(len(numbers))]


def _each(read: Callable[[Path], _Part], paths: list[Path]) -> list[_Part]:
    """What is read of each part, in order. Arrow reads without Python's lock."""
    runs = [paths[first : first + _RUN] for first in range(0, len(paths), _RUN)]
    with ThreadPoolExecutor(min(os.cpu_count() or 1, _MOST_THREADS)) as threads:
        return [part for run in threads.map(lambda run: [read(path) for path in run], runs) for part in run]


def _rows_in(path: Path, trials: Collection[int], keys: Collection[str], rows: pc.Expression) -> _Part:
    """The rows that are wanted of a part; of one without these trials, one column is read.

    keys: the columns that `rows` compares with numbers.
    """
    schema, table = read_part(path, [_KEY])
    kinds = [field.type for field in schema if field.name in keys]
    if len(kinds) < len(keys) or not all(map(_is_number, kinds)):
        return read_part(path)  # a stranger: the same is said of it as where all is read
    if not pc.any(pc.is_in(table.column(0), pa.array(trials, pa.int64()))).as_py():
        return schema, schema.empty_table()
    schema, table = read_part(path)
    return schema, table.filter(rows)


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _concatenated(tables: list[pa.Table]) -> pa.Table:
    """A table that is being widened has two schemas."""
    alike = all(table.schema.equals(tables[0].schema) for table in tables)
    return pa.concat_tables(tables, promote_options="none" if alike else "permissive")


def _together(tables: list[pa.Table]) -> pd.DataFrame:
    frame: pd.DataFrame = _concatenated(tables).to_pandas()
    return frame


def _made(
    paths: list[Path],
    parts: Iterable[_Part],
    needed: Iterable[str],
    make: Callable[[list[pa.Table]], _Made],
) -> _Made:
    first: pa.Schema | None = None
    tables = []
    for path, (schema, table) in zip(paths, parts, strict=True):
        if first is None or not schema.equals(first, check_metadata=True):
            _check(path, schema, first or schema, needed)
        first = first or schema
        tables.append(table)
    try:
        return make(tables)
    except Exception as error:
        raise _culprit(paths, tables) from error


def _culprit(paths: list[Path], tables: list[pa.Table]) -> BadInput:
    for path, table in zip(paths, tables, strict=True):
        try:
            table.to_pandas()
        except Exception as error:
            return damaged(path, f"cannot be read: {first_line(error)}")
    return damaged(paths[0].parent, "cannot be read: its parts do not go together")


def _check(path: Path, schema: pa.Schema, first: pa.Schema, needed: Iterable[str]) -> None:
    """Raises `BadInput` where a part cannot be read under its schema, or does not belong to the first."""
    try:
        empty = schema.empty_table().to_pandas()
        like = first.empty_table().to_pandas()
        named_alike = _names_agree(schema, empty)
    except Exception as error:
        raise damaged(path, f"cannot be read: {first_line(error)}") from error
    if not named_alike:
        raise damaged(path, CONTRADICTS)
    if wrong := _stranger(empty, like, needed):
        raise damaged(path, f"is not a part of this table: {wrong}")


def _names_agree(schema: pa.Schema, frame: pd.DataFrame) -> bool:
    """Whether the names that a footer holds twice are the same. No checksum covers it."""
    columns = (schema.pandas_metadata or {"columns": []})["columns"]
    namings = ([column[key] for column in columns] for key in ("name", "field_name"))
    return all(names in ([], schema.names) for names in (list(frame.columns), *namings))


def _stranger(frame: pd.DataFrame, first: pd.DataFrame, needed: Iterable[str]) -> str | None:
    """What tells a part from the first of its table; both without rows."""
    for name in needed:
        if name not in frame:
            return f"it has no column {name!r}"
    for name in frame.columns.intersection(first.columns):
        if frame[name].dtype != first[name].dtype:
            return f"its column {name!r} holds {frame[name].dtype}, not {first[name].dtype}"
    return None
