"""Tables in memory: pandas and Polars frames, and Arrow's own, column by column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from trainer.data.read.columns import Table, without_views

_NOT_HELD = (pa.ArrowException, TypeError, ValueError, OverflowError)


def is_frame(rows: Any) -> bool:
    """Whether it is one, of any of these libraries."""
    return isinstance(rows, pa.Table) or hasattr(rows, "iloc") or hasattr(rows, "to_arrow")


def from_frame(frame: Any, columns: Sequence[str] = ()) -> Table:
    """The table that a frame is, without a pandas index. columns: those that are wanted; () for all."""
    if hasattr(frame, "to_arrow"):
        frame = frame.to_arrow()
    if isinstance(frame, pa.Table):
        return Table(without_views(frame))
    names = [str(name) for name in frame.columns]
    at = [place for place, name in enumerate(names) if not columns or name in columns]
    arrays = [_array(frame.iloc[:, place]) for place in at]
    return Table(pa.Table.from_arrays(arrays, names=[names[place] for place in at]))


def _array(column: Any) -> pa.Array:
    """Values of several kinds, or of one that Arrow does not have, become texts, as they were in a file."""
    if column.dtype.name.startswith("period"):
        column = column.dt.to_timestamp()
    elif column.dtype.name.startswith("Sparse"):
        column = column.sparse.to_dense()
    try:
        return pa.array(column, from_pandas=True)
    except _NOT_HELD:
        missing = column.isna()
        return pa.array([None if absent else str(x) for x, absent in zip(column, missing, strict=True)])
