"""What a user should know of labels and features that look like a mistake, by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.data.features import feature_names
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
    copies, counts = _copies(x.numbers, y), _counts_up(x.numbers)
    if len(copies):
        names, verb = feature_names(copies, x.names), "repeats" if len(copies) == 1 else "repeat"
        yield f"{names} {verb} {target} in every row; drop what new rows will lack"
    if len(counts):
        names, verb = feature_names(counts, x.names), "counts" if len(counts) == 1 else "count"
        yield (
            f"{names} {verb} up from row to row, as an index or an id does, which gives {target} away "
            "where rows are sorted by it; drop what says nothing about a new row"
        )


def _copies(x: NDArray[np.float64], y: NDArray[Any]) -> NDArray[np.int64]:
    """Features that are the target under another name, or code each class by a number of its own."""
    head, found = slice(_HEAD), np.arange(x.shape[1])
    if y.dtype.kind == "f":
        found = found[(x[head] == y[head, None]).all(axis=0)]
        return np.array([at for at in found if np.array_equal(x[:, at], y)], np.int64)
    codes = x[np.unique(y, return_index=True)[1]]  # of each class in its first row
    found = found[
        (x[head] == codes[y[head]]).all(axis=0) & (np.diff(np.sort(codes, axis=0), axis=0) > 0).all(axis=0)
    ]
    return np.array([at for at in found if np.array_equal(x[:, at], codes[y, at])], np.int64)


def _counts_up(x: NDArray[np.float64]) -> NDArray[np.int64]:
    """Features that are a larger whole number in every row than in the one before."""
    found = np.flatnonzero(_increases(x[:_HEAD]))
    return np.array([at for at in found if _increases(x[:, at])], np.int64)


def _increases(x: NDArray[np.float64]) -> NDArray[np.bool_]:
    increasing: NDArray[np.bool_] = (np.diff(x, axis=0) > 0).all(axis=0) & (x == np.round(x)).all(axis=0)
    return increasing
