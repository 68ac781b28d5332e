"""A summary of each column of some data, small and plain, by which later data are compared with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from pyarrow import types

from trainer.data.columns.values import coded, floats, is_moment, is_number, is_text, written_numbers
from trainer.data.read.columns import Columns
from trainer.data.read.source import Features

Summary: TypeAlias = dict[str, Any]
"""name, kind (number, category or text), n, missing (the share); of numbers the quantiles, of categories and
of numbers of few values the counts, and other, how many rows have none of these values; label: whether it is
what is to be predicted."""

_ROWS = 100_000  # that are looked at
_QUANTILES = 51
_FEW = 30  # different numbers up to which each is counted
_CATEGORIES = 100  # that are counted
_LONGEST = 80  # letters of a category that is kept; longer ones count among the others
_TEXTS = 0.5  # a column in which more rows than this have a text of their own is one of texts
_NUMBERS = 0.95  # as in `choose`
_FEATURES = 256  # of an array, up to which each is a column
_WIDE_ROWS = 5_000  # that are looked at where there are more features
_DIGITS = 6


def summaries(
    x: Features, y: NDArray[Any], classes: Sequence[str], target: str | None
) -> tuple[Summary, ...]:
    """One for each column, the target first.

    Args:
        x: The features of all rows that are split, as they were found.
        y: What is to be predicted: indices into `classes`, or quantities.
        classes: Their names; empty for quantities.
        target: The name of the column.
    """
    rows = np.arange(0, len(y), max(len(y) // _ROWS, 1))
    name = target or "label"
    label = _of_classes(name, y[rows], classes) if classes else _of_numbers(name, y[rows].astype(float))
    some = x[rows] if len(rows) < len(y) else x
    parts = _of_table(some) if isinstance(some, Columns) else _of_array(some)
    return ({**label, "label": True}, *parts)


def _of_classes(name: str, y: NDArray[Any], classes: Sequence[str]) -> Summary:
    counts = np.bincount(y, minlength=len(classes))
    return _of_counts(name, dict(zip(classes, counts.tolist(), strict=True)), len(y), 0)


def _of_table(x: Columns) -> Iterator[Summary]:
    for name, column in zip(x.names, x.table.columns, strict=True):
        kind = column.type
        if is_text(kind) or types.is_boolean(kind) or types.is_dictionary(kind):
            yield _of_texts(name, column)
        elif is_number(kind):
            yield _of_numbers(name, floats(column, name, strict=False))
        elif is_moment(kind):
            yield _of_numbers(name, _moments(column))


def _moments(column: Any) -> NDArray[np.float64]:
    """In days since 1970."""
    moments = column.to_numpy().astype("datetime64[s]")
    days: NDArray[np.float64] = moments.astype("int64") / 86_400
    return np.where(np.isnat(moments), np.nan, days)


def _of_texts(name: str, column: Any) -> Summary:
    found = coded(column).said()
    counts, missing = found.counts(), int((found.codes < 0).sum())
    numbers = written_numbers(found.texts)
    known = int(counts.sum())
    if known and counts[np.isfinite(numbers)].sum() >= _NUMBERS * known:
        return _of_numbers(name, found.look_up(numbers, np.nan))
    if known and len(found.texts) > max(_TEXTS * known, _FEW):
        return _begun(name, "text", known + missing, missing)
    return _of_counts(name, dict(zip(found.texts, counts.tolist(), strict=True)), known + missing, missing)


def _of_counts(name: str, counts: dict[str, int], n: int, missing: int) -> Summary:
    ranked = sorted(((text, count) for text, count in counts.items() if count), key=lambda each: -each[1])
    kept = [(text, count) for text, count in ranked if len(text) <= _LONGEST][:_CATEGORIES]
    other = sum(counts.values()) - sum(count for _, count in kept)
    return {**_begun(name, "category", n, missing), "counts": dict(kept), "other": other}


def _of_numbers(name: str, values: NDArray[np.float64]) -> Summary:
    known = values[np.isfinite(values)]
    begun = _begun(name, "number", len(values), len(values) - len(known))
    different, counts = np.unique(known, return_counts=True)
    if len(different) <= _FEW:
        pairs = zip(different.tolist(), counts.tolist(), strict=True)
        return {**begun, "counts": {f"{value:.{_DIGITS}g}": count for value, count in pairs}}
    quantiles = np.quantile(known, np.linspace(0, 1, _QUANTILES)).tolist()
    return {**begun, "quantiles": [float(f"{value:.{_DIGITS}g}") for value in quantiles]}


def _begun(name: str, kind: str, n: int, missing: int) -> Summary:
    return {"name": name, "kind": kind, "n": n, "missing": round(missing / max(n, 1), _DIGITS)}


def _of_array(x: NDArray[Any]) -> Iterator[Summary]:
    """Each feature; of arrays with many, such as images, the means of the rows and their deviations."""
    flat = x.reshape(len(x), -1)
    if flat.shape[1] <= _FEATURES:
        for place in range(flat.shape[1]):
            yield _of_numbers(f"feature {place}", flat[:, place].astype(float))
        return
    some = flat[:: max(len(flat) // _WIDE_ROWS, 1)]  # in float64, all of them may be too large
    yield _of_numbers("mean of a row", some.mean(1, dtype=float))
    yield _of_numbers("deviation in a row", some.std(1, dtype=float))
