"""What a user should know of labels and features that look like a mistake, by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from trainer.data.labels import a_fraction
from trainer.data.read.columns import numbers
from trainer.data.read.source import Features
from trainer.errors import in_words, shortened

_FEW = 20  # rows, in which a feature may repeat the target or count up by chance
_HEAD = 256  # rows looked at first: most features differ there already


def hints(x: Features, y: NDArray[Any], classes: Sequence[str], target: str | None) -> Iterator[str]:
    """About a source's features and the targets beside them, a sentence each.

    y: indices into classes, or quantities where there are none. target: the name of its column.
    """
    yield from _labels(classes, in_words(target or "y"))
    if isinstance(x, pa.Table) and len(y) >= _FEW:
        yield from _leaks(x, y, in_words(target))


def _labels(classes: Sequence[str], target: str) -> Iterator[str]:
    fraction = a_fraction(classes)
    if fraction is not None:
        yield (
            f"{target} holds numbers such as {fraction:g}, which are taken for {len(classes)} classes; "
            "if they are quantities, write task: regression"
        )
    bare = {name.strip() for name in classes}
    alike = sorted(name for name in classes if name != name.strip() and name.strip() in set(classes))
    if len(bare) < len(classes) and alike:
        yield f"{target} has classes that differ from others by blanks alone: {shortened(alike)}"


def _leaks(x: pa.Table, y: NDArray[Any], target: str) -> Iterator[str]:
    first = np.unique(y, return_index=True)[1] if y.dtype.kind == "i" else None
    named = list(zip(x.column_names, x.columns, strict=True))
    copies = [name for name, column in named if _repeats(column, y, first)]
    if copies:
        yield f"{shortened(copies)} repeats {target} in every row; drop it where new rows will lack it"
    counts = [name for name, column in named if name not in copies and _counts_up(column)]
    if counts:
        yield (
            f"{shortened(counts)} counts up from row to row, as an index or an id does, which gives {target} "
            "away where rows are sorted by it; drop it if it says nothing about a new row"
        )


def _repeats(column: pa.ChunkedArray, y: NDArray[Any], first: NDArray[np.int64] | None) -> bool:
    """Whether a feature is the target under another name, or codes each class by a number of its own.

    first: the first row of each class; None where y holds quantities.
    """
    codes = None if first is None else np.array([column[int(row)].as_py() for row in first], np.float64)
    if codes is not None and len(np.unique(codes)) < len(codes):
        return False
    for rows in (_HEAD, len(y)):
        expected = y[:rows] if codes is None else codes[y[:rows]]
        if not np.array_equal(numbers(column.slice(0, rows)), expected):
            return False
    return True


def _counts_up(column: pa.ChunkedArray) -> bool:
    """Whether a feature is a larger whole number in every row than in the one before."""
    for rows in (_HEAD, len(column)):
        x = numbers(column.slice(0, rows)).astype(np.float64)
        if not ((np.diff(x) > 0).all() and (x == np.round(x)).all()):
            return False
    return True
