"""The key `limits` of a spec: how long a sweep, a trial and an epoch may take, and what is enough."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from sweeps.errors import BadInput, choices

_UNITS = {"d": 86_400, "h": 3600, "m": 60, "s": 1}
_DURATION = re.compile("".join(rf"(?:(\d+(?:\.\d+)?){unit})?" for unit in _UNITS))
_DURATIONS = ("time", "trial", "epoch")
_COUNTS = ("epochs", "no_better")
_FIX = (
    "write limits: {time: 2h, trial: 20m, epoch: 5m, epochs: 5000, at: 0.99, no_better: 200}, or some of them"
)
_DURATION_FIX = "write seconds as a number, or text such as 90s, 20m, 2h, 1d or 1h30m"


@dataclass(frozen=True)
class Limits:
    """What ends a sweep, a trial or an epoch early; None where nothing shall.

    Attributes:
        time: Seconds that the whole sweep may take, finalists among them, over all processes that work on it.
        trial: Seconds that one trial may be trained for.
        epoch: Seconds that one epoch may take before its worker is killed.
        epochs: How many epochs the search may train.
        at: The objective that is enough: the search ends once a trial has it, or a better one.
        no_better: How many trials may end without a better objective than the best so far.

    Raises:
        BadInput: A duration that is no positive number, a count that is no whole number from 1 on, or an
            objective that is no finite number.

    Examples:
        >>> Limits(time=5400, at=0.99).to_yaml()
        {'time': '1h30m', 'at': 0.99}
    """

    time: float | None = None
    trial: float | None = None
    epoch: float | None = None
    epochs: int | None = None
    at: float | None = None
    no_better: int | None = None

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if value is not None:
                _check(name, value)

    def to_yaml(self) -> dict[str, Any]:
        """The form a spec file holds; `as_limits` reads it back."""
        given = {name: value for name, value in vars(self).items() if value is not None}
        return {name: _duration_form(value) if name in _DURATIONS else value for name, value in given.items()}


def as_limits(form: Any) -> Limits:
    """From a mapping such as ``{time: 2h, at: 0.99}``; durations are seconds, or text.

    Raises `BadInput` with places such as ``limits.time``.
    """
    if isinstance(form, Limits):
        return form
    if not isinstance(form, Mapping):
        raise BadInput("limits", form, "does not map limits to values", _FIX)
    try:
        return Limits(**{name: _value(name, value) for name, value in _known(form).items()})
    except BadInput as error:
        raise error.within("limits") from None


def as_seconds(form: Any) -> float:
    """A duration in seconds.

    Raises:
        BadInput: It is neither a number nor text such as 1h30m.

    Examples:
        >>> as_seconds("1h30m"), as_seconds(90), as_seconds("0.5s")
        (5400.0, 90.0, 0.5)
    """
    if isinstance(form, int | float) and not isinstance(form, bool):
        return float(form)
    text = form.replace(" ", "") if isinstance(form, str) else ""
    found = _DURATION.fullmatch(text)
    if not text or found is None:
        raise BadInput("", form, "is no duration", _DURATION_FIX)
    parts = zip(found.groups(), _UNITS.values(), strict=True)
    return float(sum(float(number) * unit for number, unit in parts if number is not None))


def duration_text(seconds: float) -> str:
    """A duration as a spec may have it, to the second.

    >>> duration_text(5400), duration_text(1200), duration_text(90_061), duration_text(0.25)
    ('1h30m', '20m', '1d1h1m1s', '0.25s')
    """
    if seconds < 1:
        return f"{seconds:.2g}s"
    left, text = round(seconds), ""
    for unit, length in _UNITS.items():
        number, left = divmod(left, length)
        text += f"{number}{unit}" if number else ""
    return text


def _duration_form(seconds: float) -> Any:
    return duration_text(seconds) if seconds >= 1 and seconds == int(seconds) else seconds


def _value(name: str, form: Any) -> Any:
    if name not in _DURATIONS or form is None:
        return form
    try:
        return as_seconds(form)
    except BadInput as error:
        raise error.within(name) from None


def _known(form: Mapping[Any, Any]) -> dict[str, Any]:
    names = [field.name for field in fields(Limits)]
    for key, value in form.items():
        if key not in names:
            raise BadInput(
                str(key), value, "stands under a key that limits do not have", choices(names, str(key))
            )
    return dict(form)


def _check(name: str, value: Any) -> None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if name in _COUNTS and (not is_number or not isinstance(value, int) or value < 1):
        raise BadInput(name, value, "must be a whole number from 1 on", _FIX)
    if name in _DURATIONS and (not is_number or value <= 0):
        raise BadInput(name, value, "must be a time above 0", _DURATION_FIX)
    if name == "at" and not is_number:
        raise BadInput(name, value, "must be a finite number", "write at: 0.99")
