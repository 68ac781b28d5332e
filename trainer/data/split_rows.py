"""The second stage: which rows are in which split, as a form says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from trainer.data.columns.date import form_of, moments
from trainer.data.columns.values import Coded, coded, floats, is_number
from trainer.data.form import Form
from trainer.data.labels import check_counts
from trainer.data.read.source import Source
from trainer.data.split import group_split, random_split, stratified_split, time_split
from trainer.errors import Unusable, in_words, shortened

Rows = list[NDArray[np.int64]]

_NAMES = {"train": 0, "training": 0, "val": 1, "valid": 1, "validation": 1, "dev": 1, "test": 2, "testing": 2}


def split_rows(
    asked: Form, source: Source, y: NDArray[Any], classes: Sequence[str], seed: int
) -> tuple[Rows, tuple[str, ...]]:
    """The rows of the source's whole in each split that is made of it, training first; and hints at them.

    y: indices into classes, or quantities where there are none.
    """
    fractions = [asked.validation, *([asked.test_fraction] if source.test is None else [])]
    if asked.split is not None:
        return _named(source.beside[asked.split], asked.split, len(fractions)), ()
    if asked.group is not None:
        groups = _groups(source.beside[asked.group], asked.group, len(fractions))
        return group_split(groups, fractions, seed), ()
    if len(y) <= len(fractions):
        rule = f"has {len(y)} examples, too few for {1 + len(fractions)} splits"
        raise Unusable(rule, "give at least one example for each split")
    if asked.time is not None:
        times = _times(source.beside[asked.time], asked.time)
        if len(np.unique(times)) <= len(fractions):
            rule = f"has {len(np.unique(times))} moments in {in_words(asked.time)}, too few for the splits"
            raise Unusable(rule, "give at least one moment for each split")
        return time_split(times, fractions), ()
    if not classes:
        return random_split(len(y), fractions, seed), ()
    hints = check_counts(tuple(classes), y, 1 + len(fractions))
    return stratified_split(y, fractions, seed), hints


def _named(column: pa.ChunkedArray, name: str, held_out: int) -> Rows:
    found = coded(column)
    strange = [text for text in found.texts if text.lower() not in _NAMES]
    if strange or (found.codes < 0).any():
        such = shortened(strange) if strange else "nothing"
        raise Unusable(
            f"has {such} in {in_words(name)}, which is no split", "write train, validation or test"
        )
    splits = found.look_up(np.array([_NAMES[text.lower()] for text in found.texts], np.int64), -1)
    rows = [np.flatnonzero(splits == split) for split in range(1 + held_out)]
    empty = [
        split for split, part in zip(("train", "validation", "test"), rows, strict=False) if not len(part)
    ]
    if empty or (splits > held_out).any():
        rule = f"has no rows for {shortened(empty)} in {in_words(name)}" if empty else "has two test splits"
        raise Unusable(rule, "name at least one row of each split, train, validation and test")
    return rows


def _groups(column: pa.ChunkedArray, name: str, held_out: int) -> NDArray[np.int64]:
    """A row without a group is one of its own."""
    found: Coded = coded(column)
    alone = found.codes < 0
    groups = np.where(alone, len(found.texts) + np.cumsum(alone) - 1, found.codes)
    different = len(np.unique(groups))
    if different <= held_out:
        rule = f"has {different} groups in {in_words(name)}, too few for {1 + held_out} splits"
        raise Unusable(rule, "give at least one group for each split")
    return groups


def _times(column: pa.ChunkedArray, name: str) -> NDArray[Any]:
    if is_number(column.type):
        times: NDArray[Any] = floats(column, name)
        missing = np.isnan(times)
    else:
        times = moments(column, name, form_of(column))
        missing = np.isnat(times)
    if missing.any():
        rule = f"has {int(missing.sum()):,} rows without a time in {in_words(name)}"
        raise Unusable(rule, "give each row a time, or leave these rows out")
    return times
