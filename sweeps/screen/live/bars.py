"""Bars of characters: how trials stand, and where on its scale a hyperparameter is searched now."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TypeAlias

from rich.text import Text

from sweeps.screen.figures import show_short, show_value
from sweeps.space import Choice, Distribution, Numeric
from sweeps.trial import Region, Status

Interval: TypeAlias = tuple[float, float]  # in parts of a bar

# Each status has a letter form of its own, for terminals and eyes without colours.
_LOOKS = {
    Status.COMPLETED: ("█", "green"),
    Status.MEASURED: ("█", "blue"),
    Status.STOPPED: ("▓", "cyan"),
    Status.PAUSED: ("▒", "cyan"),
    Status.INTERRUPTED: ("▒", "yellow"),
    Status.RUNNING: ("░", "bold"),
    Status.INFEASIBLE: ("?", "magenta"),
    Status.FAILED: ("x", "red"),
}
_ROUNDS = ("░", "▒", "█")  # the round before the last one, the last one, and that of now
_REST = "·"
_WHOLE: Interval = (0.0, 1.0)


def status_bar(counts: Mapping[Status, int], total: int, width: int) -> Text:
    """A part of the bar for each status that trials have, and dots for those to come.

    A status that any trial has is a column at least.
    """
    there = [(status, counts[status]) for status in _LOOKS if counts.get(status)]
    total = max(total, sum(count for _, count in there), 1)
    bar, used = Text(), 0
    for place, (status, count) in enumerate(there):
        room = width - used - (len(there) - place - 1)
        columns = min(max(min(round(width * count / total), room), 1), width - used)
        bar.append(_LOOKS[status][0] * columns, _LOOKS[status][1])
        used += columns
    return bar.append(_REST * (width - used), "dim")


def region_bar(distribution: Distribution, regions: Sequence[Region], width: int) -> Text:
    """The whole range with the regions of the last rounds on it, that of now the darkest; oldest first."""
    cells = [(_REST, "dim")] * width
    ends = _ends(distribution, regions)
    shown = regions[-len(_ROUNDS) :]
    for letter, region in zip(_ROUNDS[-len(shown) :], shown, strict=True):
        low, high = _interval(distribution, region, ends)
        first = min(int(low * width), width - 1)
        last = max(first + 1, math.ceil(high * width - 1e-9))
        style = "cyan" if region is shown[-1] else "dim cyan"
        cells[first:last] = [(letter, style)] * (min(last, width) - first)
    bar = Text()
    for (letter, style), alike in groupby(cells):  # a style for each cell would take most of a picture's time
        bar.append(letter * len(list(alike)), style)
    return bar


def region_share(distribution: Distribution, region: Region) -> float:
    """How much of its range a region spans, on its scale."""
    low, high = _interval(distribution, region, _ends(distribution, [region]))
    return high - low


def region_text(distribution: Distribution, region: Region) -> str:
    """The ends of a region, or that it is all choices."""
    if region.low is None or region.high is None:
        return "all choices"
    if isinstance(distribution, Numeric):
        return " … ".join(show_short(_number(end), 3) for end in (region.low, region.high))
    return " … ".join(dict.fromkeys((show_value(region.low), show_value(region.high))))


def _ends(distribution: Distribution, regions: Sequence[Region]) -> Interval:
    """Of the range on its scale, as far as it has grown to hold every region."""
    if not isinstance(distribution, Numeric):
        return _WHOLE
    forward = distribution.scale.forward
    values = [float(distribution.low), float(distribution.high)]
    values += [_number(end) for each in regions for end in (each.low, each.high) if end is not None]
    legal = [value for value in values if distribution.scale.legal(value)]
    return forward(min(legal)), forward(max(legal))


def _interval(distribution: Distribution, region: Region, ends: Interval) -> Interval:
    low, high = region.low, region.high
    if low is None or high is None:
        return _WHOLE
    if isinstance(distribution, Choice):
        if low not in distribution or high not in distribution:
            return _WHOLE  # of an earlier space
        half = 0.5 / len(distribution.values)
        return distribution.to_unit(low) - half, distribution.to_unit(high) + half
    if not isinstance(distribution, Numeric):
        return _WHOLE
    return _part(distribution, _number(low), ends), _part(distribution, _number(high), ends)


def _part(distribution: Numeric, value: float, ends: Interval) -> float:
    bottom, top = ends
    if not distribution.scale.legal(value) or top <= bottom:
        return 0.0
    return min(max((distribution.scale.forward(value) - bottom) / (top - bottom), 0.0), 1.0)


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else math.nan
