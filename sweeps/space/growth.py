"""Ranges that grow: how far a numeric hyperparameter may reach beyond one of its ends."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, Literal, TypeAlias

from sweeps.errors import BadInput
from sweeps.space.grid import Grid
from sweeps.space.numeric import Numeric

End: TypeAlias = Literal["low", "high"]

# What rounding may take from a whole number of steps, such as 4095.999…, in steps and of their number; less
# than `Numeric` allows for.
_SLACK = 1e-12


def beyond(numeric: Numeric, end: End, share: float) -> float:
    """The value that lies `share` of the range's width past an end, both in the scale.

    Whole for whole numbers, rounded towards the range. A range that starts at 0 or above stays there;
    infinite where no float is as large.
    """
    edge, sign = (numeric.high, 1) if end == "high" else (numeric.low, -1)
    distance = sign * share * numeric.width
    try:
        value = numeric.scale.away(edge, distance)
        if numeric.integer:
            value = edge + math.trunc(numeric.scale.offset(edge, distance) * (1 + _SLACK))
    except OverflowError:
        value = sign * math.inf
    return value if end == "high" else max(value, _lowest(numeric))


def grown(numeric: Numeric, end: End, share: float, limit: float | None = None) -> Numeric | None:
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
    value = target if numeric.grid is None else _on_grid(numeric.grid, end, target)
    slack = 0 if numeric.step is None or numeric.integer else _SLACK * (numeric.step + abs(bound))
    moves = sign * getattr(numeric, end) < sign * value <= sign * bound + slack
    more = _with_end(numeric, end, sign * min(sign * value, sign * bound)) if moves else None
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


def _on_grid(grid: Grid, end: End, target: float) -> float:
    """The grid's value next to the target, on this side of it, and one step away at least."""
    outermost = 0 if end == "low" else grid.last
    steps = max(1, math.floor(abs(target - grid.at(outermost)) / grid.step * (1 + _SLACK) + _SLACK))
    return grid.at(outermost + (-steps if end == "low" else steps))
