"""Metrics by column, as they travel, and as the rows that they stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, overload

Row: TypeAlias = Mapping[str, float]

Columns: TypeAlias = Mapping[str, Sequence[float | None]]
"""Metrics by name, one value per epoch; None where an epoch did not report the metric."""


def as_columns(rows: Sequence[Row]) -> Columns:
    """Rows of metrics as columns.

    >>> as_columns([{"loss": 0.5}, {"loss": 0.25, "accuracy": 1.0}])
    {'loss': [0.5, 0.25], 'accuracy': [None, 1.0]}
    """
    if isinstance(rows, ColumnRows):
        return rows.columns
    names = dict.fromkeys(rows[0] if rows else ())
    if any(row.keys() != names.keys() for row in rows):
        names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


class ColumnRows(Sequence[Row]):
    """Rows of metrics that are kept as columns: many small mappings are slow to send and to look at.

    Args:
        columns: Metrics by name, each of the same length.
        length: How many rows they stand for.

    Examples:
        >>> rows = ColumnRows.of([{"loss": 0.5}, {"loss": 0.25, "accuracy": 1.0}])
        >>> rows[0], len(rows[1:])
        ({'loss': 0.5}, 1)
    """

    __slots__ = ("_length", "columns")

    def __init__(self, columns: Columns, length: int) -> None:
        self.columns, self._length = columns, length

    @classmethod
    def of(cls, rows: Sequence[Row]) -> ColumnRows:
        """The same rows as columns."""
        return cls(as_columns(rows), len(rows))

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, place: int) -> Row: ...

    @overload
    def __getitem__(self, place: slice) -> ColumnRows: ...

    def __getitem__(self, place: int | slice) -> Row | ColumnRows:
        if isinstance(place, slice):
            cut = {name: column[place] for name, column in self.columns.items()}
            return ColumnRows(cut, len(range(self._length)[place]))
        place = range(self._length)[place]  # raises what an index past the end raises
        found = {name: column[place] for name, column in self.columns.items()}
        return {name: value for name, value in found.items() if value is not None}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(list(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return ColumnRows, (self.columns, self._length)
