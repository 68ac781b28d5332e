"""Reads tables: one column of labels, some that say how to split, all others features."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute, types

from trainer.data.read.columns import Columns, LeftOut, Table, are_missing, labels
from trainer.data.read.source import Part, Source
from trainer.errors import Unusable, choices, in_words, shortened

Reader: TypeAlias = Callable[[Path, Sequence[str]], Table]
"""Reads a file, with some of its columns as text."""

# How an index without a name is called by those who write it into a table, and by pandas when it reads it.
_INDEX = re.compile(r"|Unnamed: \d+|__index_level_\d+__")
_ID = re.compile(r"(?i:(.*[_\- .])?(id|uuid|guid|index|idx|rownames?|row|rowid|no|nr))|.*[a-z](Id|ID)")
_FEW = 20  # rows, which may be numbered by chance


class Wanted(NamedTuple):
    """What a form says of a table's columns.

    target: the labels. as_text: whether they are read as text, as they are written; a .csv alone leaves the
    choice. texts: others to be read so. drop: no features. beside: these say how to split. kept: features,
    whatever they look like.
    """

    target: str | None
    as_text: bool = False
    texts: Sequence[str] = ()
    drop: Sequence[str] = ()
    beside: Sequence[str] = ()
    kept: Sequence[str] = ()


def read_table(read: Reader, path: Path, wanted: Wanted) -> Source:
    """The features of the table in a file, and its column `target`, in a .csv as text as it is written.

    Rows without a label are left out. Raises `Unusable` on a file that cannot be read, on a target that is
    absent or stands there twice.
    """
    target = wanted.target
    file = read(path, [*wanted.texts, *([target] if wanted.as_text and target else [])])
    return table_source(file, wanted, path.name)


def table_source(file: Table, wanted: Wanted, name: str) -> Source:
    """The same of a table that has been read. name: of its file, for messages."""
    target = wanted.target.strip() if wanted.target and file.spaced else wanted.target
    at = _target(file.columns.column_names, target, name)
    _check_rows(file.columns)
    y, file, hints = _with_labels(file, at)
    features = named_once(file.columns.remove_column(at))
    hints += _of_copies(file.columns.remove_column(at).column_names)
    beside = {column: _column(features, column, name) for column in wanted.beside}
    left_out = list(_left_out(features, wanted, name))
    if len(left_out) + len(beside) == features.num_columns:  # all else is gone
        left_out = list(_left_out(features, wanted, name, ids=False))
    others = {*dict(left_out), *(column for column in beside if column not in wanted.kept)}
    kept = [column for column in features.column_names if column not in others]
    return Source(
        Part(Columns(features.select(kept)), y),
        hints=tuple(f"{name}: {hint}" for hint in (*file.hints, *hints)),
        beside=beside,
        left_out=tuple(left_out),
    )


def _target(columns: Sequence[str], target: str | None, file: str) -> int:
    """Where the column of labels is."""
    if target is None:
        raise Unusable("names no column to predict", f"write target: {choices(columns)}", "labels")
    if target not in columns:
        alone = (
            "; the file has but one, so its fields may be separated otherwise" if len(columns) == 1 else ""
        )
        raise Unusable(f"is not a column of {file}", choices(columns, target) + alone, "labels")
    if columns.count(target) > 1:
        rule = f"stands {columns.count(target)} times in the header of {file}: a copy would give it away"
        raise Unusable(rule, "drop or rename all but one of these columns", "labels")
    return columns.index(target)


def _check_rows(table: pa.Table) -> None:
    if not table.num_rows:
        raise Unusable("has a header alone, and no rows", "give at least one row and one feature")


def _with_labels(file: Table, at: int) -> tuple[NDArray[Any], Table, list[str]]:
    """The labels, the table without the rows that have none, and a hint at these."""
    y = labels(file.columns.column(at), file.spaced)
    missing = are_missing(y)
    without = int(missing.sum())
    if not without or without == len(y):
        return y, file, []
    rows = file.columns.filter(pa.array(~missing))
    hint = f"{without:,} of {len(y):,} rows have no label, and are left out"
    whole = y[~missing]
    if whole.dtype == object and not any(isinstance(label, str) for label in whole[:1]):
        whole = np.array(whole.tolist())  # numbers that were objects for the sake of None
    return whole, file._replace(columns=rows), [hint]


def named_once(features: pa.Table) -> pa.Table:
    """A name that has been there before gets a number, as pandas gives it."""
    names: dict[str, None] = {}
    taken = set(features.column_names)
    for name in features.column_names:
        free = (f"{name}.{number}" for number in count(1))
        new = name if name not in names else next(other for other in free if other not in taken)
        taken.add(new)
        names[new] = None
    return features.rename_columns(list(names))


def _of_copies(features: Sequence[str]) -> list[str]:
    """A hint at columns that may be one and the same."""
    copies = [name for name, times in Counter(features).items() if times > 1]
    return [f"more than one column has the name {shortened(copies)}; all are features"] if copies else []


def _column(features: pa.Table, name: str, file: str) -> pa.ChunkedArray:
    if name not in features.column_names:
        raise Unusable(f"has no column {in_words(name)}", choices(features.column_names, name))
    return features.column(name)


def _left_out(features: pa.Table, wanted: Wanted, file: str, ids: bool = True) -> Iterator[LeftOut]:
    """Columns that are no features: as asked for, or, with `ids`, since they number the rows."""
    for name in (*wanted.drop, *wanted.kept):
        _column(features, name, file)
    for name, column in zip(features.column_names, features.columns, strict=True):
        if name in wanted.drop:
            yield LeftOut(name, "as asked for")
        elif name in wanted.kept or name in wanted.beside:
            continue
        elif _INDEX.fullmatch(name):
            yield LeftOut(name, "has no name, as an index that was written into a file")
        elif ids and _numbers_rows(name, column):
            yield LeftOut(
                name, f"is another in each row, as an id; columns: {{{in_words(name)}: number}} uses it"
            )


def _numbers_rows(name: str, column: pa.ChunkedArray) -> bool:
    """Whether a column numbers the rows, or has the name of one that does and another value in each."""
    kind = column.type
    if not (types.is_integer(kind) or types.is_floating(kind)) or column.null_count or len(column) < _FEW:
        return False
    values = column.to_numpy()
    if types.is_floating(kind) and not (np.isfinite(values) & (values == np.round(values))).all():
        return False
    if (np.abs(np.diff(values)) == 1).all():
        return bool((np.diff(values) == np.diff(values)[0]).all())
    return bool(_ID.fullmatch(name)) and compute.count_distinct(column).as_py() == len(column)
