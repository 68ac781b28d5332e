"""What was understood of some data, in a few lines that are read before a sweep starts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from trainer.data.about.baselines import Baselines, baselines
from trainer.data.columns import TableTransform
from trainer.data.dataset import Dataset
from trainer.errors import in_words

_MOST = 6  # classes, or columns that are left out, which are named
_KINDS = {"number": "number", "category": "category", "date": "date", "hash": "text"}


class Description(NamedTuple):
    """lines: for a screen. baselines: what a model has to beat, by name and metric. columns: a summary of
    each column, see trainer.data.about.summary."""

    lines: tuple[str, ...]
    baselines: Baselines
    columns: tuple[Mapping[str, Any], ...] = ()


def describe(data: Dataset) -> Description:
    """Rows, target, columns by kind, what is left out and why, and two baselines, in a second or so."""
    found = baselines(data)
    lines = (*_rows(data), *_columns(data), *_to_beat(data, found))
    return Description(lines, found, data.columns)


def _rows(data: Dataset) -> Iterator[str]:
    train, validation, test = (len(y) for _, y in data.splits)
    total = train + validation + test
    parts = f"{train:,} to train on, {validation:,} for validation, {test:,} for the test"
    known = data.preprocessing
    target = in_words(known.target_name) if known and known.target_name else "the label"
    name = f"{in_words(data.name)}, " if data.name else ""
    yield f"{name}{total:,} rows: {parts}"
    yield f"{target}: {_of_classes(data) if data.classes else _of_quantity(data)}"


def _of_classes(data: Dataset) -> str:
    counts = np.bincount(data.y_train, minlength=data.outputs)
    order = np.argsort(-counts, kind="stable")
    shares = [f"{in_words(data.classes[i])} {counts[i] / counts.sum():.1%}" for i in order[:_MOST]]
    more = f" and {len(order) - _MOST} more" if len(order) > _MOST else ""
    return f"{data.outputs} classes, {', '.join(shares)}{more}"


def _of_quantity(data: Dataset) -> str:
    known = data.preprocessing
    y = data.y_train if known is None else known.quantities(data.y_train)
    return f"a quantity from {y.min():.4g} to {y.max():.4g}, mean {y.mean():.4g}"


def _columns(data: Dataset) -> Iterator[str]:
    transform = data.preprocessing.features if data.preprocessing else None
    if not isinstance(transform, TableTransform):
        shape = f" ({' × '.join(map(str, data.shape))})" if len(data.shape) > 1 else ""
        yield f"{data.features} features{shape}"
        return
    kinds = Counter(encoder.kind for encoder in transform.encoders)
    told = ", ".join(_plural(count, _KINDS[kind]) for kind, count in kinds.items())
    yield f"{data.features} features of {_plural(len(transform.encoders), 'column')}: {told}"
    for column in transform.left_out[:_MOST]:
        yield f"left out: {in_words(column.name)} {column.why}"
    if len(transform.left_out) > _MOST:
        names = ", ".join(in_words(column.name) for column in transform.left_out[_MOST:])
        yield f"left out: {names}"


def _plural(count: int, noun: str) -> str:
    many = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{count} {noun if count == 1 else many}"


def _to_beat(data: Dataset, found: Baselines) -> Iterator[str]:
    names = {"constant": "the same guess for all rows", "linear": "a linear model"}
    told = [f"{names[name]} {_figures(metrics)}" for name, metrics in found.items()]
    yield f"to beat on validation: {'; '.join(told)}"


def _figures(metrics: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {metrics[f'val_{name}']:.4g}" for name in ("loss", "error"))
