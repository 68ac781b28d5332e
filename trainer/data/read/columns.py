"""Typed columns, as Arrow holds them, and what is read off them: numbers for features, labels for targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute, types

from trainer.errors import Unusable


class Table(NamedTuple):
    """What a file of columns holds. hints: how it was read, as clauses that follow the file's name.

    spaced: whether what is text begins with the blank that follows each separator.
    """

    columns: pa.Table
    hints: Sequence[str] = ()
    spaced: bool = False


def without_views(table: pa.Table) -> pa.Table:
    """Texts and bytes as most of Arrow's functions take them; Polars writes them as views."""
    for at, field in enumerate(table.schema):
        kind = {"string_view": pa.large_string(), "binary_view": pa.large_binary()}.get(str(field.type))
        if kind is not None:
            table = table.set_column(at, field.name, compute.cast(table.column(at), kind))
    return table


class LeftOut(NamedTuple):
    """A column that is no feature, and why, as a clause that follows its name."""

    name: str
    why: str


@dataclass(frozen=True, eq=False)
class Columns:
    """The features of a table, each in the type in which it was found.

    names: of the columns, each once.
    """

    table: pa.Table

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.table.column_names)

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __getitem__(self, rows: NDArray[np.int64]) -> Columns:
        """Some rows, a copy."""
        return Columns(self.table.take(pa.array(rows)))

    @property
    def shape(self) -> tuple[int, ...]:
        return len(self), len(self.names)


def labels(column: pa.ChunkedArray, spaced: bool = False) -> NDArray[Any]:
    """A column's labels, shape (m,): integers, floats or bools, or objects with None for what is missing.

    spaced: whether texts begin with a blank that is not theirs. Raises `Unusable` on what can be no label.
    """
    kind = column.type.value_type if types.is_dictionary(column.type) else column.type
    if types.is_nested(kind):
        fix = "give one label for each row; of a one-hot list, the index of its 1"
        raise Unusable(f"holds no single labels, but values of type {kind}", fix, "labels")
    if types.is_dictionary(column.type):
        return _coded(column, spaced)
    if _is_bytes(kind):
        column = _decoded(column)
    if types.is_string(column.type) or types.is_large_string(column.type):
        return _coded(column.dictionary_encode(), spaced)
    if _is_plain(kind) and not column.null_count:
        array: NDArray[Any] = column.to_numpy()
        return array
    return np.array([*column.to_pylist(), None], dtype=object)[:-1]


def are_missing(y: NDArray[Any]) -> NDArray[np.bool_]:
    """Which labels are missing, of which a text without characters is one."""
    import pandas as pd  # workers, which are sent the data, do without

    missing: NDArray[np.bool_] = np.asarray(pd.isna(y)) | ((y == "") if y.dtype.kind in "OU" else False)
    return missing


def _is_plain(kind: pa.DataType) -> bool:
    checks = (types.is_integer, types.is_floating, types.is_boolean, types.is_null)
    return any(check(kind) for check in checks)


def _is_bytes(kind: pa.DataType) -> bool:
    return any(check(kind) for check in (types.is_binary, types.is_large_binary, types.is_fixed_size_binary))


def _decoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    try:
        return compute.cast(compute.cast(column, pa.large_binary()), pa.large_string())
    except pa.ArrowException as error:
        fix = "store the labels as text"
        raise Unusable("holds labels of bytes that are no text in UTF-8", fix, "labels") from error


def _coded(column: pa.ChunkedArray, spaced: bool) -> NDArray[Any]:
    """The labels of a dictionary's codes; each text is held once."""
    column = column.unify_dictionaries()
    if not column.num_chunks:
        return np.empty(0, dtype=object)
    values = pa.chunked_array([column.chunk(0).dictionary])
    if _is_bytes(values.type):
        values = _decoded(values)
    texts = [text.lstrip() if spaced and isinstance(text, str) else text for text in values.to_pylist()]
    objects = np.array([*texts, None], dtype=object)  # None comes last, where a code of −1 finds it
    codes = [compute.fill_null(compute.cast(chunk.indices, pa.int64()), -1) for chunk in column.chunks]
    found: NDArray[Any] = objects[np.concatenate([code.to_numpy() for code in codes])]
    return found
