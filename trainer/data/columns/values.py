"""What Arrow's columns hold, whatever their type: texts by code, numbers, moments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute, types

from trainer.errors import Unusable, in_words, shortened

_PLAIN = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_DRESSED = re.compile(r"([-+]?)\s*[$€£]?\s*(\d{1,3}(?:,\d{3})+(?:\.\d*)?|\d+\.?\d*|\.\d+)\s*[%$€£]?")

MISSING = {"?", "-", "--", ".", "na", "n/a", "nan", "null", "none", "<na>", "missing", "unknown"}
"""What may stand in small letters in a column of numbers or dates where there is none."""

Floats = NDArray[np.float64]


class Coded(NamedTuple):
    """A column as texts, each held once. codes: (m,), −1 for what is missing, an empty text too."""

    codes: NDArray[np.int64]
    texts: Sequence[str]

    def counts(self) -> NDArray[np.int64]:
        """Of each text."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.texts))

    def said(self) -> Coded:
        """Without the texts that stand for what is missing."""
        kept = [at for at, text in enumerate(self.texts) if text.lower() not in MISSING]
        place = np.full(len(self.texts), -1)
        place[kept] = np.arange(len(kept))
        return Coded(self.look_up(place, -1), [self.texts[at] for at in kept])

    def look_up(self, found: NDArray[Any], missing: Any) -> NDArray[Any]:
        """What each row's text has in `found`, in the order of the texts."""
        return np.append(found, np.asarray([missing], found.dtype))[self.codes]


def is_text(kind: pa.DataType) -> bool:
    """Also where each text is held once."""
    kind = kind.value_type if types.is_dictionary(kind) else kind
    return bool(types.is_string(kind) or types.is_large_string(kind))


def is_number(kind: pa.DataType) -> bool:
    """A duration, a time of day and a column without any value are numbers as well."""
    checks = (types.is_integer, types.is_floating, types.is_decimal, types.is_null)
    return any(check(kind) for check in (*checks, types.is_duration, types.is_time))


def is_moment(kind: pa.DataType) -> bool:
    """A date, or a date and a time."""
    return bool(types.is_date(kind) or types.is_timestamp(kind))


def coded(column: pa.ChunkedArray) -> Coded:
    """Any column of single values as texts; a whole number is written without a point."""
    if not types.is_dictionary(column.type):
        column = column.dictionary_encode()
    column = column.unify_dictionaries()
    if not column.num_chunks:
        return Coded(np.empty(0, np.int64), ())
    texts = [_text(value) for value in column.chunk(0).dictionary.to_pylist()]
    different = dict.fromkeys(text for text in texts if text)
    at = {text: i for i, text in enumerate(different)}
    place = np.array([*(at.get(text, -1) for text in texts), -1], np.int64)
    codes = [compute.fill_null(compute.cast(chunk.indices, pa.int64()), -1) for chunk in column.chunks]
    return Coded(place[np.concatenate([code.to_numpy() for code in codes])], tuple(different))


def as_typed(text: str) -> str:
    """A text as it would be called if its column had numbers or truths: 1 for 1.0, true for True."""
    if text.lower() in ("true", "false"):
        return text.lower()
    number = _written(text) if _PLAIN.fullmatch(text) else np.nan
    return _text(number) if number == number else text


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None or value != value else str(value).strip()


def floats(column: pa.ChunkedArray, name: str, strict: bool = True) -> Floats:
    """A column's numbers, NaN for what is missing. Texts are read as numbers.

    Args:
        column: Of any type.
        name: For a message.
        strict: Whether a text that is no number raises `Unusable`; otherwise it counts as missing.
    """
    kind = column.type
    if types.is_integer(kind) or types.is_floating(kind):
        found: Floats = column.to_numpy().astype(np.float64, copy=False)  # NaN where some are missing
    elif types.is_duration(kind) or types.is_time(kind):
        found = _floats(compute.cast(column, _COUNTED[kind.bit_width]))
    elif types.is_decimal(kind) or types.is_null(kind) or types.is_boolean(kind):
        found = _floats(column)
    else:
        found = _read_numbers(column, name, strict)
    infinite = np.isinf(found)
    if infinite.any():
        rule = f"has {int(infinite.sum()):,} infinite values in the feature {in_words(name)}"
        raise Unusable(rule, "replace them, or leave the column out: drop: [name]")
    return found


_COUNTED = {32: pa.int32(), 64: pa.int64()}


def _floats(column: pa.ChunkedArray) -> Floats:
    found: Floats = compute.cast(column, pa.float64()).to_numpy()
    return found


def _read_numbers(column: pa.ChunkedArray, name: str, strict: bool) -> Floats:
    texts = coded(column)
    read = written_numbers(texts.texts)
    strange = [text for text, value in zip(texts.texts, read, strict=True) if value != value]
    if strict and strange:
        rule = f"holds text in {in_words(name)}, a column of numbers: {shortened(strange)}"
        raise Unusable(rule, "give numbers, or leave these fields empty")
    return texts.look_up(read, np.nan)


def written_numbers(texts: Sequence[str]) -> Floats:
    """The number that each text is, also with a currency, a per cent sign or commas between thousands."""
    return np.array([_written(text) for text in texts], np.float64)


def _written(text: str) -> float:
    if _PLAIN.fullmatch(text):
        return float(text)
    dressed = _DRESSED.fullmatch(text)
    return float(dressed[1] + dressed[2].replace(",", "")) if dressed else np.nan
