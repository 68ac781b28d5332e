"""A column of dates, or of dates and times: how long ago, and where in the year, the week and the day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute

from trainer.data.columns.values import Coded, coded, is_moment
from trainer.data.scaling import Standard
from trainer.errors import Unusable, in_words, shortened

FORMATS = (
    *("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d", "%Y%m%d"),
    *("%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%d/%m/%y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y"),
    *("%m/%d/%Y %H:%M:%S", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M", "%d.%m.%Y %H:%M"),
    *("%d %b %Y", "%b %d, %Y", "%d-%b-%Y", "%d-%b-%y", "%B %d, %Y", "%d %B %Y"),
)
"""How dates are written in texts, in the order in which they are tried; the month before the day."""

_NEVER = np.datetime64("NaT", "us")
_SAME = 1e-9  # of a turn, for rounding
_HEAD = 20  # texts that are tried first: most forms fail there
_WEEK, _DAY = 7.0, 1.0  # in days; the year's place is by the month
_MONDAY = 4.0  # the first one after 1970 began, in days

Moments: TypeAlias = NDArray[np.datetime64]


@dataclass(frozen=True)
class Date:
    """form: how texts are read; "" where the column has dates already. fill, shift, scale: of the days since
    1970, as of a `Number`. cycles: which of year, week and day vary. missing: as of a `Number`.
    """

    name: str
    form: str
    fill: float
    shift: float
    scale: float
    cycles: tuple[str, ...]
    missing: bool = False
    note: str = ""
    kind = "date"

    @classmethod
    def fit(
        cls, name: str, column: pa.ChunkedArray, standardise: bool, form: str = "", note: str = ""
    ) -> Date | None:
        """None where there is nothing but one date, or none at all."""
        found = moments(column, name, form)
        known = ~np.isnat(found)
        if not known.any() or (known.all() and found.min() == found.max()):
            return None
        days = _days(found[known])
        fill = float(np.median(days))
        standard = Standard.fit(np.where(known, _days(found), fill)[:, None]) if standardise else Standard()
        scale = float(standard.scale[0])
        varying = tuple(
            cycle for cycle in _TURNS if len(np.unique(np.round(_TURNS[cycle](found[known]), 9))) > 1
        )
        shift, scale = float(standard.shift[0]), scale if np.isfinite(scale) else 1.0
        return cls(name, form, fill, shift, scale, varying, not known.all(), note)

    @property
    def text(self) -> bool:
        return bool(self.form)

    @property
    def features(self) -> tuple[str, ...]:
        turns = [f"{turn} of {self.name}'s {cycle}" for cycle in self.cycles for turn in ("sine", "cosine")]
        return (f"{self.name} in days", *turns, *[f"{self.name} is missing"] * self.missing)

    def __call__(self, column: pa.ChunkedArray) -> NDArray[np.float64]:
        found = moments(column, self.name, self.form)
        missing = np.isnat(found)
        days = np.where(missing, self.fill, _days(found))
        parts = [(days - self.shift) / self.scale]
        for cycle in self.cycles:
            angle = 2 * np.pi * np.where(missing, 0, _TURNS[cycle](found))
            parts += [np.where(missing, 0, np.sin(angle)), np.where(missing, 0, np.cos(angle))]
        return np.column_stack([*parts, *[missing] * self.missing])

    def plain(self) -> dict[str, Any]:
        return {"kind": self.kind, **vars(self), "cycles": list(self.cycles)}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Date:
        others = {key: value for key, value in plain.items() if key not in ("kind", "cycles")}
        return cls(cycles=tuple(plain["cycles"]), **others)


def moments(column: pa.ChunkedArray, name: str, form: str) -> Moments:
    """A column's dates, NaT for what is missing. Raises `Unusable` on a text of another form."""
    if is_moment(column.type):
        return _as_moments(column)
    texts = coded(column).said()
    read = read_dates(texts.texts, form) if form else np.full(len(texts.texts), _NEVER)
    strange = [text for text, moment in zip(texts.texts, read, strict=True) if np.isnat(moment)]
    if strange:
        such = f"dates such as {form}" if form else "dates"
        rule = f"holds in {in_words(name)} what is no date: {shortened(strange)}"
        raise Unusable(rule, f"give {such}, or leave these fields empty")
    return texts.look_up(read, _NEVER)


def form_of(column: pa.ChunkedArray) -> str:
    """The first form in which all of a column's texts are dates; "" where none is, or none is needed."""
    return "" if is_moment(column.type) else next(iter(forms_of(coded(column))), "")


def forms_of(found: Coded) -> list[str]:
    """The forms in which all texts are dates, but for those that stand for what is missing."""
    found = found.said()
    return [form for form in FORMATS if found.texts and not np.isnat(_first_then_all(found, form)).any()]


def _first_then_all(found: Coded, form: str) -> Moments:
    head = read_dates(found.texts[:_HEAD], form)
    return head if np.isnat(head).any() else read_dates(found.texts, form)


def read_dates(texts: Sequence[str], form: str) -> Moments:
    """Each text as a date in the form; NaT where it is none."""
    read = compute.strptime(pa.array(texts, pa.string()), format=form, unit="us", error_is_null=True)
    return _as_moments(read)


def _as_moments(column: pa.ChunkedArray | pa.Array) -> Moments:
    found: Moments = np.asarray(compute.cast(column, pa.timestamp("us"), safe=False)).astype("M8[us]")
    return found


def _days(found: Moments) -> NDArray[np.float64]:
    return np.where(np.isnat(found), np.nan, found.astype(np.int64) / 86_400e6)


def _of_year(found: Moments) -> NDArray[np.float64]:
    year = found.astype("M8[Y]")
    return _days(found.astype("M8[us]")) / 365.25 - _days(year.astype("M8[us]")) / 365.25


def _of_week(found: Moments) -> NDArray[np.float64]:
    return np.floor(_days(found) - _MONDAY) % _WEEK / _WEEK


def _of_day(found: Moments) -> NDArray[np.float64]:
    return _days(found) % _DAY


_TURNS = {"year": _of_year, "week": _of_week, "day": _of_day}
