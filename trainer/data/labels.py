"""What labels stand for: classes by index, whose names are any text as it is written, or quantities."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from trainer.data.columns.values import MISSING
from trainer.data.read.columns import are_missing
from trainer.data.read.source import Part
from trainer.errors import Unusable, in_words, shortened

_OTHERWISE = "if the labels are quantities, write task: regression"

Indices: TypeAlias = NDArray[np.int64]
Labels: TypeAlias = NDArray[Any]

_CLASSES = 20  # of numbers, which may be more if each has some rows
_RARE = 3

_EXACT = 2.0**53  # from here on, a float64 stands for several whole numbers


def class_indices(parts: Sequence[Part], named: tuple[str, ...]) -> tuple[tuple[str, ...], list[Indices]]:
    """The classes' names and the indices into them of each part.

    named: the names, where the labels are indices already. Otherwise these are the labels themselves: in
    the order of the numbers where all are numbers, else of the alphabet.
    Raises `Unusable` on missing or unnamed labels and on fewer than two classes.
    """
    labels = [_one_per_example(part) for part in parts]
    if named:
        _check_several(named)
        return named, [_named(y, last=len(named) - 1) for y in labels]
    cleaned = [_clean(y) for y in labels]
    if any(y.dtype.kind == "O" for y in cleaned):
        cleaned = [_texts(y) for y in cleaned]
    names, indices = _classes(np.concatenate(cleaned))
    _check_several(names)
    return names, np.split(indices, np.cumsum([len(y) for y in labels])[:-1])


def _check_several(names: Sequence[str]) -> None:
    if len(names) < 2:
        rule = f"has but one class, {in_words(names[0])}"
        raise Unusable(rule, "give at least two classes to tell apart", "labels")


def quantities(part: Part) -> NDArray[np.float64]:
    """A part's labels as numbers. Raises `Unusable` on what is missing, infinite or no number."""
    y = _one_per_example(part)
    if y.dtype.kind not in "iuf" and not _all_are(y, numbers.Real, Decimal):
        rule = f"holds labels that are no numbers, such as {in_words(y[0])}"
        raise Unusable(rule, "give quantities, or write task: classification", "labels")
    found = y.astype(np.float64)
    infinite = ~np.isfinite(found)
    if infinite.any():
        rule = f"has {int(infinite.sum())} infinite labels"
        raise Unusable(rule, "drop the rows of these labels", "labels")
    return found


def are_quantities(y: Labels) -> bool:
    """Whether labels look like quantities, not classes: numbers of many values, with fractions or some rare.

    y: numbers, or texts as they are written.
    """
    import pandas as pd

    if y.dtype.kind not in "iufO" or y.ndim != 1:
        return False
    codes, values = pd.factorize(y)
    said = [at for at, value in enumerate(values) if str(value).lower() not in {"", *MISSING}]
    try:
        numbers = np.array([float(str(values[at]).replace(",", ".")) for at in said])
    except ValueError:
        return False
    rarest = np.bincount(codes[codes >= 0])[said].min(initial=_RARE)
    return len(said) > _CLASSES and bool((numbers % 1 != 0).any() or rarest < _RARE)


def check_counts(classes: tuple[str, ...], y: Indices, least: int) -> tuple[str, ...]:
    """A hint at classes with fewer examples than there are splits, which are trained on alone.

    Raises `Unusable` where that is most of what there is, as of quantities or ids.
    """
    counts = np.bincount(y, minlength=len(classes))
    few = np.flatnonzero(counts < least)
    if not len(few):
        return ()
    fraction = a_fraction(classes)
    if fraction is not None:
        rule = f"holds continuous numbers, such as {fraction:g}"
        raise Unusable(rule, f"give classes: text or whole numbers; {_OTHERWISE}", "labels")
    names = shortened(f"{classes[i]} ({counts[i]})" for i in few)
    if len(classes) - len(few) < 2 or counts[few].sum() > len(y) / 2:
        rule = f"has classes with fewer than {least} examples, too few to split: {names}"
        raise Unusable(rule, f"merge or drop these classes; {_OTHERWISE}", "labels")
    return (f"classes with fewer than {least} examples are trained on alone, and not tested: {names}",)


def a_fraction(classes: Sequence[str]) -> float | None:
    """The first name that is no whole number, where all names are finite numbers."""
    try:
        values = [float(name) for name in classes]
    except ValueError:
        return None
    fractions = [value for value in values if not value.is_integer()]
    return fractions[0] if fractions and np.isfinite(values).all() else None


def _one_per_example(part: Part) -> Labels:
    """A part's labels as shape (m,); bytes are read as text.

    Raises `Unusable` on another count and on missing labels.
    """
    x, y = part
    y = y.reshape(-1) if y.ndim == 2 and y.shape[1] == 1 else y
    if y.shape != (len(x),):
        rule = f"has labels of shape {y.shape} for {len(x)} examples"
        raise Unusable(rule, "give one label for each example", "labels")
    y = _text(y) if y.dtype.kind == "S" else y
    missing = are_missing(y)
    if missing.any():
        rule = f"has {int(missing.sum())} missing labels"
        raise Unusable(rule, "drop the rows without a label", "labels")
    return y


def _all_are(y: Labels, *kinds: type) -> bool:
    """Whether y holds objects, all of these kinds; True and False are no numbers."""
    return y.dtype.kind == "O" and all(
        isinstance(label, kinds) and not isinstance(label, bool) for label in y
    )


def _text(y: Labels) -> Labels:
    try:
        return np.char.decode(y, "utf-8")
    except UnicodeDecodeError as error:
        fix = "store the labels as text"
        raise Unusable("holds labels of bytes that are no text in UTF-8", fix, "labels") from error


def _named(y: Labels, last: int) -> Indices:
    strange = y if y.dtype.kind not in "iu" else y[(y < 0) | (y > last)]
    if len(strange):
        rule = f"has labels that are no whole numbers from 0 to {last}: {shortened(np.unique(strange))}"
        raise Unusable(rule, "give each example the index of its class", "labels")
    return y.astype(np.int64)


def _clean(y: Labels) -> Labels:
    """Whole numbers, bools, floats where some are fractions, or objects that are texts."""
    if _all_are(y, numbers.Integral):
        return _integers(y)
    if y.dtype.kind == "f":
        return _floats(y)
    if _all_are(y, numbers.Real):
        return _floats(y.astype(np.float64))
    return y if y.dtype.kind in "biu" else _texts(y)


def _texts(y: Labels) -> Labels:
    import pandas as pd

    codes, values = pd.factorize(y.astype(object))
    return np.array([str(value) for value in values], dtype=object)[codes]


def _integers(y: Labels) -> Indices:
    try:
        return y.astype(np.int64)
    except OverflowError:
        rule = f"has labels beyond 64 bits, such as {max(y, key=abs)}"
        raise Unusable(rule, "store them as text", "labels") from None


def _floats(y: NDArray[np.floating[Any]]) -> Labels:
    if not np.isfinite(y).all():
        rule = f"holds continuous numbers, such as {y[~np.isfinite(y)][0]:g}"
        raise Unusable(rule, f"give classes: text or whole numbers; {_OTHERWISE}", "labels")
    if (np.abs(y) >= _EXACT).any():
        rule = f"has labels too large for floats to tell apart, such as {y[np.abs(y).argmax()]:g}"
        raise Unusable(rule, "store them as whole numbers or text", "labels")
    return y.astype(np.int64) if (y == np.round(y)).all() else y


def _classes(labels: Labels) -> tuple[tuple[str, ...], Indices]:
    """The different labels' names in order, and the place of each label's among them."""
    if labels.dtype.kind != "O":
        found, indices = np.unique(labels, return_inverse=True)
        return tuple(str(value) for value in found), indices.astype(np.int64)
    import pandas as pd

    codes, texts = pd.factorize(labels)
    names = [str(text) for text in texts]
    values: Sequence[Any] = _numbers(names) or names
    order = sorted(range(len(names)), key=values.__getitem__)
    place = np.empty(len(names), np.int64)
    place[order] = np.arange(len(names))
    whole = all(isinstance(value, float) and value.is_integer() for value in values)
    return tuple(str(int(values[i])) if whole else names[i] for i in order), place[codes]


def _numbers(names: Sequence[str]) -> Sequence[Any] | None:
    """The numbers of these names, where each is written as Python writes it, so that no two are the same.

    So 2 comes before 10, and 1.0 is the class 1, as in a table whose columns have types; beside 01 or 1
    it is a text.
    """
    for kind in (int, float):
        numbers = _written_by(kind, names)
        if numbers is not None:
            return numbers
    return None


def _written_by(kind: Callable[[str], Any], names: Sequence[str]) -> Sequence[Any] | None:
    try:
        values = [kind(name) for name in names]
    except ValueError:
        return None
    exact = kind is int or all(abs(value) < _EXACT for value in values)  # not so of NaN either
    return values if exact and [str(value) for value in values] == list(names) else None
