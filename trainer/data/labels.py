"""Labels: any names of classes, as indices."""

from __future__ import annotations

import numbers
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.data.source import Source
from trainer.data.split import stratified_split
from trainer.data.targets import SplitTargets, one_per_example
from trainer.errors import shortened

_OTHERWISE = "if the labels are quantities, write task: regression"

Indices = NDArray[np.int64]

_EXACT = 2.0**53  # from here on, a float64 stands for several whole numbers


def class_targets(source: Source, fractions: Sequence[float], seed: int) -> SplitTargets:
    """Class indices, and splits that have every class in the same proportions.

    Raises `DataError` on labels that are no classes, and on a class with fewer examples than splits.
    """
    classes, (y, *rest) = class_indices(source)
    _check_counts(source, classes, y, least=1 + len(fractions))
    rows = stratified_split(y, fractions, seed)
    return SplitTargets(rows, [*(y[r] for r in rows), *rest], classes)


def class_indices(source: Source) -> tuple[tuple[str, ...], list[Indices]]:
    """The classes' names and the indices into them of each part of the source.

    Where the source does not name its classes, their names are the labels, in sorted order.
    Raises `DataError` on missing, continuous or unnamed labels and on fewer than two classes.
    """
    labels = [_clean(source, part.y, len(part.x)) for part in source.parts]
    if source.classes:
        return source.classes, [_named(source, y) for y in labels]
    names, indices = np.unique(np.concatenate(labels), return_inverse=True)
    if len(names) < 2:
        rule = f"has but one class, {names[0]}"
        raise source.label_error(rule, "give at least two classes to tell apart")
    ends = np.cumsum([len(part) for part in labels])[:-1]
    return tuple(str(name) for name in names), np.split(indices.astype(np.int64), ends)


def _check_counts(source: Source, classes: tuple[str, ...], y: Indices, least: int) -> None:
    counts = np.bincount(y, minlength=len(classes))
    few = np.flatnonzero(counts < least)
    if len(few):
        names = shortened(f"{classes[i]} ({counts[i]})" for i in few)
        rule = f"has classes with fewer than {least} examples, too few to split: {names}"
        raise source.label_error(rule, f"merge or drop these classes; {_OTHERWISE}")


def _named(source: Source, y: NDArray[Any]) -> Indices:
    last = len(source.classes) - 1
    strange = y if y.dtype.kind not in "iu" else y[(y < 0) | (y > last)]
    if len(strange):
        rule = f"has labels that are no whole numbers from 0 to {last}: {shortened(np.unique(strange))}"
        raise source.label_error(rule, "give each example the index of its class")
    return y.astype(np.int64)


def _clean(source: Source, y: NDArray[Any], examples: int) -> NDArray[Any]:
    y = one_per_example(source, y, examples)
    if _all_are(y, numbers.Integral):
        return _integers(source, y)
    if y.dtype.kind == "f" or are_numbers(y):
        return _whole(source, y.astype(np.float64))
    return y if y.dtype.kind in "biu" else y.astype(str)


def are_numbers(y: NDArray[Any]) -> bool:
    """Whether all objects of the array are real numbers; True and False are none."""
    return _all_are(y, numbers.Real)


def _all_are(y: NDArray[Any], kind: type) -> bool:
    return y.dtype.kind == "O" and all(isinstance(label, kind) and not isinstance(label, bool) for label in y)


def _integers(source: Source, y: NDArray[Any]) -> Indices:
    try:
        return y.astype(np.int64)
    except OverflowError:
        rule = f"has labels beyond 64 bits, such as {max(y, key=abs)}"
        raise source.label_error(rule, "store them as text") from None


def _whole(source: Source, y: NDArray[np.float64]) -> Indices:
    continuous = ~np.isfinite(y) | (y != np.round(y))
    if continuous.any():
        rule = f"holds continuous numbers, such as {y[continuous][0]:g}"
        raise source.label_error(rule, f"give classes: text or whole numbers; {_OTHERWISE}")
    if (np.abs(y) >= _EXACT).any():
        rule = f"has labels too large for floats to tell apart, such as {y[np.abs(y).argmax()]:g}"
        raise source.label_error(rule, "store them as whole numbers or text")
    return y.astype(np.int64)
