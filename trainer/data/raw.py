"""Raw rows from what a user has, for a trained model: a frame, a table, a file or an array."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from trainer.data.columns import TableTransform
from trainer.data.columns.date import Date
from trainer.data.columns.values import is_moment
from trainer.data.features import as_rows, check_features
from trainer.data.read.columns import Columns
from trainer.data.read.formats import SUFFIXES, is_table, read_columns, suffix_of
from trainer.data.read.frame import from_frame, is_frame
from trainer.data.read.npz import read_arrays
from trainer.data.read.picture_folders import pictures_in
from trainer.data.read.pictures import PICTURES, read_pictures
from trainer.data.read.source import Features
from trainer.data.read.table import named_once
from trainer.data.transform import NumberTransform, Transform
from trainer.errors import Unusable, choices, message, shortened


def needed_columns(known: Transform) -> tuple[str, ...]:
    """The names of the columns that a model needs; () where it was trained on an array."""
    return tuple(each.name for each in known.encoders) if isinstance(known, TableTransform) else ()


def raw_features(rows: Any, known: Transform, target: str | None) -> Features:
    """The features of some rows as `Preprocessing.inputs` takes them.

    Args:
        rows: A pandas or Polars DataFrame, a pyarrow Table, the path of a file of any kind that can be read,
            a folder of pictures, or an array, whose first axis counts the examples. Of a table's columns,
            those that the model does not know are ignored. Where it was trained on an array, all but the
            target are features, in order.
        known: What was fitted in training.
        target: The name of the column that was predicted in training, which may be absent.

    Raises:
        Unusable: They cannot be read, lack a column, or hold what is no feature.
    """
    found, columns = raw_table(rows, known), needed_columns(known)
    if isinstance(found, pa.Table):
        features: Features = _chosen(found, known) if columns else _numbers(found, target)
    else:
        features = _named(found, columns) if columns else found
    check_features([features])
    return features


def raw_table(rows: Any, known: Transform) -> pa.Table | NDArray[Any]:
    """What a user has as a table with names, or as an array. Raises `Unusable`.

    known: says which columns of a file are read as text, as in training.
    """
    if isinstance(rows, str | os.PathLike):
        return _file(Path(rows), known)
    if is_frame(rows):
        return named_once(from_frame(rows, needed_columns(known)).columns)
    array = np.asarray(rows)
    if array.dtype.hasobject or array.ndim < 2:
        what = f"an array of {array.dtype} and shape {array.shape}" if array.ndim else type(rows).__name__
        fix = "give a DataFrame, a path, or an array with a row for each example"
        raise Unusable(f"holds no rows of numbers: it is {what}", fix)
    return array


def _file(path: Path, known: Transform) -> pa.Table | NDArray[Any]:
    suffix = suffix_of(path)
    if not _exists(path):
        raise Unusable("does not exist", f"looked for {path.absolute()}")
    if isinstance(known, NumberTransform) and (path.is_dir() or suffix in PICTURES):
        return _pictures(path, known)
    if path.is_dir():
        raise Unusable("is a folder", f"give a file. {choices(SUFFIXES)}")
    if suffix not in SUFFIXES:
        raise Unusable(f"is of a kind that cannot be read: {suffix or 'no suffix'}", choices(SUFFIXES))
    if is_table(path):
        return named_once(read_columns(path, _texts(known)).columns)
    (x,) = read_arrays(path, (("x",),), "save the rows to predict as x")
    return x


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # such as of a name that is too long
        return False


def _pictures(path: Path, known: NumberTransform) -> NDArray[np.uint8]:
    """Of a file or a folder, whose pixels are bytes: a model of other numbers would take them for those."""
    if not known.bytes:
        rule = "holds pictures, and the model was trained on numbers that are no bytes"
        raise Unusable(rule, "give an .npz of such numbers")
    return read_pictures(pictures_in(path), known.shape, known.resized)


def _texts(known: Transform) -> Sequence[str]:
    """The columns of a file that are read as text, as they were in training."""
    return known.texts if isinstance(known, TableTransform) else ()


def _typed_dates(known: Transform) -> list[Date]:
    encoders = known.encoders if isinstance(known, TableTransform) else ()
    return [each for each in encoders if isinstance(each, Date) and not each.form]


def _chosen(table: pa.Table, known: Transform) -> Columns:
    """The columns that the model needs."""
    names, columns = table.column_names, needed_columns(known)
    if missing := [name for name in columns if name not in names]:
        fix = f"give all that the model was trained on. The table has {shortened(names, most=10) or 'none'}"
        raise Unusable(f"lacks the columns {shortened(missing)}", fix)
    for each in _typed_dates(known):
        table = table.set_column(names.index(each.name), each.name, _as_dates(table.column(each.name)))
    return Columns(table.select(list(columns)))


def _as_dates(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Texts, as pandas leaves what a .csv has, as dates; as they are where they are none."""
    try:
        return column if is_moment(column.type) else column.cast(pa.string()).cast(pa.timestamp("us"))
    except pa.ArrowException:
        return column


def _named(array: NDArray[Any], columns: Sequence[str]) -> Columns:
    """An array's columns in the order of training."""
    rows = as_rows(array)
    if rows.shape[1] != len(columns):
        fix = f"give the columns {shortened(columns, most=10)}, in this order, or a table that names them"
        raise Unusable(f"has examples of shape {array.shape[1:]}", fix)
    return Columns(pa.table({name: rows[:, at] for at, name in enumerate(columns)}))


def _numbers(table: pa.Table, target: str | None) -> NDArray[np.float64]:
    """All columns but the target side by side."""
    names = [name for name in table.column_names if name != target]
    try:
        columns = [table.column(name).cast(pa.float64()).to_numpy() for name in names]
    except pa.ArrowException as error:
        rule = f"holds what is no number: {message(error)}"
        raise Unusable(rule, "give numbers alone, as in training") from error
    return np.column_stack(columns) if columns else np.empty((table.num_rows, 0))
