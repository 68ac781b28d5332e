"""Reads tables: one column of labels, all others features."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import pyarrow as pa

from trainer.data.read.columns import Table, is_number, labels, numbers
from trainer.data.read.source import Part, Source
from trainer.errors import Unusable, choices, shortened

Reader: TypeAlias = Callable[[Path, Sequence[str]], Table]
"""Reads a file, with some of its columns as text."""

# How an index without a name is called by those who write it into a table, and by pandas when it reads it.
_INDEX = re.compile(r"|Unnamed: \d+|__index_level_\d+__")


def read_table(read: Reader, path: Path, target: str | None, as_text: bool) -> Source:
    """The features of the table in a file, and its column `target`, in a .csv as text as it is written.

    Raises `Unusable` on a file that cannot be read, on a target that is absent or stands there twice,
    on an index that was written as a column, and on features that are no numbers.
    """
    file = read(path, (target,) if as_text and target else ())
    if target and file.spaced:
        target = target.strip()
    at = _target(file.columns.column_names, target, path.name)
    features = file.columns.remove_column(at)
    _check_rows(file.columns)
    _check_index(features)
    _check_numbers(features)
    y = labels(file.columns.column(at), file.spaced)
    hints = [*file.hints, *_of_copies(features.column_names)]
    return Source(Part(numbers(features), y), hints=tuple(f"{path.name}: {hint}" for hint in hints))


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


def _of_copies(features: Sequence[str]) -> list[str]:
    """A hint at columns that may be one and the same."""
    copies = [name for name, count in Counter(features).items() if count > 1]
    return [f"more than one column has the name {shortened(copies)}; all are features"] if copies else []


def _check_rows(table: pa.Table) -> None:
    if not table.num_rows:
        raise Unusable("has a header alone, and no rows", "give at least one row and one feature")


def _check_index(features: pa.Table) -> None:
    """Rows are often sorted by their labels, so that the number of a row gives its label away."""
    found = [f"{name!r}" for name in features.column_names if _INDEX.fullmatch(name)]
    if found:
        rule = f"has a column without a name, {shortened(found)}, as an index is that pandas wrote"
        raise Unusable(rule, "drop it, or write the table with index=False; if it is a feature, name it")


def _check_numbers(features: pa.Table) -> None:
    bad = [field.name for field in features.schema if not is_number(field.type)]
    if bad:
        rule = f"has features that are no numbers: {shortened(bad)}"
        raise Unusable(rule, "encode them as numbers, or drop these columns")
