"""Labels: any names of classes, as indices."""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from trainer.data.source import Source
from trainer.errors import shortened


def class_indices(source: Source) -> tuple[tuple[str, ...], list[NDArray[np.int64]]]:
    """The classes' names, in sorted order, and the indices into them of each part of the source.

    Raises `DataError` on missing or continuous labels and on fewer than two classes.
    """
    labels = [_clean(source, part.y, len(part.x)) for part in source.parts]
    names, indices = np.unique(np.concatenate(labels), return_inverse=True)
    if len(names) < 2:
        rule = f"has but one class, {names[0]}"
        raise source.label_error(rule, "give at least two classes to tell apart")
    ends = np.cumsum([len(part) for part in labels])[:-1]
    return tuple(str(name) for name in names), np.split(indices.astype(np.int64), ends)


def check_counts(source: Source, classes: tuple[str, ...], y: NDArray[np.int64], least: int) -> None:
    """Raise `DataError` on a class with fewer examples than there are splits."""
    counts = np.bincount(y, minlength=len(classes))
    few = np.flatnonzero(counts < least)
    if len(few):
        names = shortened(f"{classes[i]} ({counts[i]})" for i in few)
        rule = f"has classes with fewer than {least} examples, too few to split: {names}"
        fix = "merge or drop these classes; if the labels are quantities: regression is not supported yet"
        raise source.label_error(rule, fix)


def _clean(source: Source, y: NDArray[Any], examples: int) -> NDArray[Any]:
    y = y.reshape(-1) if y.ndim == 2 and y.shape[1] == 1 else y
    if y.shape != (examples,):
        rule = f"has labels of shape {y.shape} for {examples} examples"
        raise source.label_error(rule, "give one label for each example")
    missing = np.asarray(pd.isna(y))
    if missing.any():
        rule = f"has {int(missing.sum())} missing labels"
        raise source.label_error(rule, "drop the rows without a label")
    if y.dtype.kind == "f" or _are_numbers(y):
        return _whole(source, y.astype(np.float64))
    return y if y.dtype.kind in "biu" else y.astype(str)


def _are_numbers(y: NDArray[Any]) -> bool:
    return y.dtype.kind == "O" and all(
        isinstance(label, numbers.Real) and not isinstance(label, bool) for label in y
    )


def _whole(source: Source, y: NDArray[np.float64]) -> NDArray[np.int64]:
    continuous = ~np.isfinite(y) | (y != np.round(y))
    if continuous.any():
        rule = f"holds continuous numbers, such as {y[continuous][0]:g}, and regression is not supported yet"
        raise source.label_error(rule, "give classes: text or whole numbers")
    return y.astype(np.int64)
