"""What a user should know of labels and features that look like a mistake, by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.data.columns.values import coded, floats, is_number, is_text
from trainer.data.labels import a_fraction
from trainer.data.read.columns import Columns
from trainer.data.read.source import Features
from trainer.errors import in_words, shortened

_FEW = 20  # rows, in which a feature may repeat the target or count up by chance
_HEAD = 64  # rows looked at first: most features differ there already


def hints(x: Features, y: NDArray[Any], classes: Sequence[str], target: str | None) -> Iterator[str]:
    """About a source's features and the targets beside them, a sentence each.

    y: indices into classes, or quantities where there are none. target: the name of its column.
    """
    yield from _labels(classes, in_words(target or "y"))
    if isinstance(x, Columns) and len(y) >= _FEW:
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


def _leaks(x: Columns, y: NDArray[Any], target: str) -> Iterator[str]:
    copies, counts = [], []
    for name, column in zip(x.names, x.table.columns, strict=True):
        if column.null_count:
            continue
        if is_number(column.type):
            values = floats(column, name)
            copies += [name] * _is_copy(values, y)
            counts += [name] * _counts_up(values)
        elif is_text(column.type) and y.dtype.kind != "f":
            copies += [name] * _is_copy(coded(column).codes, y)
    if copies:
        verb = "repeats" if len(copies) == 1 else "repeat"
        yield f"{shortened(copies)} {verb} {target} in every row; drop what new rows will lack"
    if counts:
        verb = "counts" if len(counts) == 1 else "count"
        yield (
            f"{shortened(counts)} {verb} up from row to row, as an index or an id does, which gives {target} "
            "away where rows are sorted by it; drop what says nothing about a new row"
        )


def _is_copy(x: NDArray[Any], y: NDArray[Any]) -> bool:
    """Whether a feature is the target under another name, or codes each class by a value of its own."""
    if y.dtype.kind == "f":
        return bool(np.array_equal(x[:_HEAD], y[:_HEAD]) and np.array_equal(x, y))
    _, first, of_row = np.unique(y, return_index=True, return_inverse=True)
    codes = x[first]  # of each class in its first row
    alike = np.array_equal(x[:_HEAD], codes[of_row[:_HEAD]]) and np.array_equal(x, codes[of_row])
    return bool(alike and len(np.unique(codes)) == len(codes))


def _counts_up(x: NDArray[np.float64]) -> bool:
    """Whether a feature is a larger whole number in every row than in the one before."""
    return bool(_increases(x[:_HEAD]) and _increases(x))


def _increases(x: NDArray[np.float64]) -> bool:
    return bool((np.diff(x) > 0).all() and (x == np.round(x)).all())
