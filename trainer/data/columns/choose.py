"""Which kind each column is, and what is left out, by the rows of the training split."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
from pyarrow import types

from trainer.data.columns.category import Category, covered
from trainer.data.columns.date import Date, form_of, forms_of
from trainer.data.columns.encoder import Encoder
from trainer.data.columns.number import Number
from trainer.data.columns.values import MISSING, Coded, coded, is_moment, is_number, is_text, written_numbers
from trainer.data.columns.words import Words
from trainer.data.read.columns import Columns, LeftOut
from trainer.errors import Unusable, in_words, shortened

_NUMBERS = 0.95  # of the rows with a text, from which on a column is one of numbers
_COVERED = 0.5  # of the rows must have a value that is frequent enough for a feature
_CODE = re.compile(r"0\d+")  # a postcode or a telephone number, say, whose zeros are part of it
_VARIES = "is the same in every row of the training split"


def choose(
    train: Columns, asked: Mapping[str, str], standardise: bool
) -> tuple[list[Encoder], list[LeftOut]]:
    """An encoder for each column that can be a feature, and those that cannot.

    train: the rows of the training split. asked: of some columns their kind, one of `KINDS`.
    """
    encoders: list[Encoder] = []
    left_out: list[LeftOut] = []
    for name, column in zip(train.names, train.table.columns, strict=True):
        fitted = _fit(name, column, asked.get(name), standardise)
        if isinstance(fitted, LeftOut):
            left_out.append(fitted)
        else:
            encoders.append(fitted)
    return encoders, left_out


def _fit(name: str, column: pa.ChunkedArray, kind: str | None, standardise: bool) -> Encoder | LeftOut:
    if kind == "drop":
        return LeftOut(name, "as asked for")
    if kind is not None:
        return _as_asked(name, column, kind, standardise) or LeftOut(name, _VARIES)
    if column.null_count == len(column):
        return LeftOut(name, "has no value in the training split")
    if is_text(column.type):
        return _of_text(name, column, standardise)
    if is_number(column.type):
        return Number.fit(name, column, standardise) or LeftOut(name, _VARIES)
    if is_moment(column.type):
        return Date.fit(name, column, standardise) or LeftOut(name, _VARIES)
    if types.is_boolean(column.type) or types.is_dictionary(column.type):
        return Category.fit(name, column) or LeftOut(name, _VARIES)
    return LeftOut(name, f"holds values of type {column.type}")


def _as_asked(name: str, column: pa.ChunkedArray, kind: str, standardise: bool) -> Encoder | None:
    if kind == "number":
        return _number_as_asked(name, column, standardise)
    if kind == "date":
        return Date.fit(name, column, standardise, form_of(column))
    return Words.fit(name, column) if kind == "hash" else Category.fit(name, column)


def _number_as_asked(name: str, column: pa.ChunkedArray, standardise: bool) -> Number | None:
    if not is_text(column.type):
        return Number.fit(name, column, standardise)
    found = coded(column)
    numbers = np.isfinite(written_numbers(found.texts))
    strange = [text for text, number in zip(found.texts, numbers, strict=True) if not number]
    if found.counts()[numbers].sum() < found.said().counts().sum() / 2:
        rule = f"has few numbers in {in_words(name)}, which is asked for as one, but {shortened(strange)}"
        raise Unusable(rule, "write columns: {name: category}, or hash")
    return Number.fit(name, column, standardise, lenient=bool(strange))


def _of_text(name: str, column: pa.ChunkedArray, standardise: bool) -> Encoder | LeftOut:
    found = coded(column)
    if not found.texts:
        return LeftOut(name, "has no value in the training split")
    strange = _not_numbers(found)
    if strange is not None:
        missing = f"; {shortened(strange, most=3)} counts as missing" if strange else ""
        note = f"text that is read as numbers{missing}"
        encoder = Number.fit(name, column, standardise, lenient=bool(strange), note=note)
        return encoder or LeftOut(name, _VARIES)
    forms = forms_of(found)
    if forms:
        fitted = Date.fit(name, column, standardise, forms[0], _note(forms))
        return fitted or LeftOut(name, _VARIES)
    if covered(found) < _COVERED:
        different = f"holds {len(found.texts):,} different texts in {len(found.codes):,} rows"
        return LeftOut(name, f"{different}; columns: {{{in_words(name)}: hash}} would use their words")
    return Category.fit(name, column) or LeftOut(name, _VARIES)


def _not_numbers(found: Coded) -> Sequence[str] | None:
    """The texts that are no numbers, where nearly all rows' are; None where they are not."""
    read = written_numbers(found.texts)
    if any(_CODE.fullmatch(text) for text in found.texts):
        return None
    counts = found.counts()
    said = [text.lower() not in MISSING for text in found.texts]
    numbers = sum(int(count) for count, value in zip(counts, read, strict=True) if value == value)
    total = sum(int(count) for count, counted in zip(counts, said, strict=True) if counted)
    if not total or numbers < _NUMBERS * total:
        return None
    return [text for text, value in zip(found.texts, read, strict=True) if value != value]


def _note(forms: Sequence[str]) -> str:
    swapped = [form for form in forms[1:] if sorted(form) == sorted(forms[0])]
    either = f", and could be {swapped[0]}" if swapped else ""
    return f"text that is read as {forms[0]}{either}"
