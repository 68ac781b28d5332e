"""Wider ranges: how far a numeric hyperparameter may reach beyond one of its ends."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, Literal, TypeAlias

from sweeps.errors import BadInput
from sweeps.space.numeric import Numeric

End: TypeAlias = Literal["low", "high"]

# What rounding may take from a whole number of steps, such as 4095.999…, in steps and of their number; less
# than `Numeric` allows for.
_SLACK = 1e-12


def beyond(numeric: Numeric, end: End, share: float) -> float:
    """The value that lies `share` of the range's width past an end, both in the scale.

    A range that starts at 0 or above stays there; infinite where no float is as large.
    """
    forward, away = numeric.scale.forward, share * numeric.width
    try:
        if end == "high":
            return numeric.scale.inverse(forward(numeric.high) + away)
        return max(numeric.scale.inverse(forward(numeric.low) - away), _lowest(numeric))
    except OverflowError:
        return math.inf if end == "high" else _lowest(numeric)


def wider(numeric: Numeric, end: End, share: float, limit: float | None = None) -> Numeric | None:
    """The same hyperparameter with an end moved by `share` of the width, but not past `limit`.

    A grid keeps its step and its values; it grows by whole steps, one at least. None where the end cannot
    move: it lies, up to rounding, at the limit, at 0 or at the limit of the scale or of the numbers.
    """
    sign, bound = (
        (1, math.inf if limit is None else limit) if end == "high" else (-1, _lowest(numeric, limit))
    )
    target = sign * min(sign * beyond(numeric, end, share), sign * bound)
    if not math.isfinite(target):
        return None
    value = target if numeric.step is None else _on_grid(numeric, end, target)
    slack = 0 if numeric.step is None else _SLACK * (numeric.step + abs(bound))
    moves = sign * getattr(numeric, end) < sign * value <= sign * bound + slack
    more = _with_end(numeric, end, value) if moves else None
    return more if more is not None and more.width > numeric.width * (1 + _SLACK) else None


def _with_end(numeric: Numeric, end: End, value: float) -> Numeric | None:
    changed: dict[str, Any] = {end: value}
    try:
        return replace(numeric, **changed)
    except BadInput:  # such as 1 on a reverse log scale, or what does not fit into 64 bits
        return None


def _lowest(numeric: Numeric, limit: float | None = None) -> float:
    """The least that a lower end may be: what is never negative, a size or a probability, stays so."""
    least = 1.0 if numeric.integer and not numeric.scale.legal(0) else 0.0
    floor = least if numeric.low >= 0 else -math.inf
    return floor if limit is None else max(floor, limit)


def _on_grid(numeric: Numeric, end: End, target: float) -> float:
    """The grid's value next to the target, on this side of it, and one step away at least."""
    step, last = numeric.step or 1, numeric.last_index
    outermost = numeric.low if end == "low" else numeric.low + last * step
    steps = max(1, math.floor(abs(target - outermost) / step * (1 + _SLACK) + _SLACK))
    # All from the lower end, so that no rounding of what lies between adds up.
    value = numeric.low + (-steps if end == "low" else last + steps) * step
    if numeric.integer:
        return value
    # As the user would write it: 0.3 - 3 · 0.1 is not quite 0. Where twelve digits are too few, as it is.
    plain = (0.0, float(f"{value:.12g}"))
    return next((each for each in plain if abs(each - value) < _SLACK * step), value)
