"""Raw rows from what a user has, for a trained model: a frame, a table, a file or an array."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from trainer.data.features import check_features
from trainer.data.read.columns import Columns, is_number, numbers
from trainer.data.read.formats import ARRAYS, SUFFIXES, TABLES
from trainer.data.read.source import Features
from trainer.errors import Unusable, choices, in_words, message, shortened


def raw_features(rows: Any, columns: Sequence[str], target: str | None) -> Features:
    """The features of some rows as `Preprocessing.inputs` takes them.

    Args:
        rows: A pandas DataFrame, a pyarrow Table, the path of a file of any kind that can be read, or an
            array, whose first axis counts the examples.
        columns: The names of the columns that are needed; all others are ignored. () where the model was
            trained on an array: then all columns but the target are its features, in order.
        target: The name of the column that was predicted in training, which may be absent.

    Raises:
        Unusable: They cannot be read, lack a column, or hold what is no feature.
    """
    found = raw_table(rows)
    features = found if isinstance(found, np.ndarray) else _columns(_chosen(found, columns, target))
    if isinstance(features, Columns) and not columns:
        features = features.numbers
    check_features([features])
    return features


def raw_table(rows: Any) -> pa.Table | NDArray[Any]:
    """What a user has as a table with names, or as an array. Raises `Unusable`."""
    if isinstance(rows, str | os.PathLike):
        return _file(Path(rows))
    if isinstance(rows, pd.DataFrame):
        return _of_frame(rows)
    if isinstance(rows, pa.Table):
        return rows
    array = np.asarray(rows)
    if array.dtype.hasobject or array.ndim < 2:
        what = f"an array of {array.dtype} and shape {array.shape}" if array.ndim else type(rows).__name__
        fix = "give a DataFrame, a path, or an array with a row for each example"
        raise Unusable(f"holds no rows of numbers: it is {what}", fix)
    return array


def _file(path: Path) -> pa.Table | NDArray[Any]:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise Unusable(f"is of a kind that cannot be read: {suffix or 'no suffix'}", choices(SUFFIXES))
    if not path.is_file():
        rule = "is a folder" if path.is_dir() else "does not exist"
        raise Unusable(rule, f"looked for the file {path.absolute()}")
    return _array(path) if suffix in ARRAYS else TABLES[suffix](path, ()).columns


def _array(path: Path) -> NDArray[Any]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            if "x" not in arrays:
                rule = f"holds the arrays {shortened(sorted(arrays)) or 'none'}"
                raise Unusable(rule, "save the rows to predict as x")
            x: NDArray[Any] = arrays["x"]
            return x
    except (OSError, ValueError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        if isinstance(error, Unusable):
            raise
        rule = f"cannot be read as {path.suffix}: {message(error)}"
        raise Unusable(rule, "write it with numpy.savez, of an array x of numbers") from error


def _of_frame(frame: pd.DataFrame) -> pa.Table:
    try:
        return pa.Table.from_pandas(frame.rename(columns=str), preserve_index=False)
    except (pa.ArrowException, ValueError, TypeError) as error:
        rule = f"has a column of values that do not go together: {message(error)}"
        raise Unusable(rule, "give each column values of one kind") from error


def _chosen(table: pa.Table, columns: Sequence[str], target: str | None) -> pa.Table:
    """The columns that are features, in order."""
    names = table.column_names
    if not columns:
        return table.select([at for at, name in enumerate(names) if name != target])
    if missing := [name for name in columns if name not in names]:
        fix = f"give all that the model was trained on. The table has {shortened(names, most=10) or 'none'}"
        raise Unusable(f"lacks the columns {shortened(missing)}", fix)
    if twice := [name for name in columns if names.count(name) > 1 and columns.count(name) == 1]:
        raise Unusable(f"has more than one column {shortened(twice)}", "drop or rename all but one of them")
    return table.select(list(columns)) if len(set(names)) == len(names) else table


def _columns(table: pa.Table) -> Columns:
    for field, column in zip(table.schema, table.columns, strict=True):
        if not is_number(field.type):
            such = f"{in_words(field.name)}, such as {in_words(_no_number(column))}"
            raise Unusable(f"has no numbers in the column {such}", "give numbers, as in training")
    return numbers(table)


def _no_number(column: pa.ChunkedArray) -> Any:
    """The first value that no number is written in."""
    for value in column.to_pylist():
        try:
            float(value)
        except (TypeError, ValueError):
            if value is not None:
                return value
    return None
