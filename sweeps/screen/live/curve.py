"""The best objective over what was spent, as few points as a plot can show, and its plot in characters."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence

_MOST = 1024  # points that are kept: more than any terminal has columns
_EIGHTHS = " ▁▂▃▄▅▆▇█"
_WIDE = 10.0  # times the least value; from there on a logarithmic axis shows more


class Curve:
    """A step function: what the best was from which number of epochs on.

    Beyond 1,024 steps every other one is left out, so the rest are right and the curve is a little coarser.

    Examples:
        >>> curve = Curve()
        >>> curve.add(3, 0.5); curve.add(9, 0.5); curve.add(12, 0.25)
        >>> curve.at(10), curve.at(12), curve.at(2)
        (0.5, 0.25, None)
    """

    def __init__(self) -> None:
        self._epochs: list[int] = []
        self._values: list[float] = []

    def add(self, epochs: int, value: float) -> None:
        """The best is this, once so many epochs are spent; epochs never fall."""
        if self._values and self._values[-1] == value:
            return
        if self._epochs and self._epochs[-1] == epochs:
            self._values[-1] = value
            return
        self._epochs.append(epochs)
        self._values.append(value)
        if len(self._epochs) > _MOST:
            self._epochs[1:-1], self._values[1:-1] = self._epochs[1:-1:2], self._values[1:-1:2]

    def at(self, epochs: int) -> float | None:
        """The best when so many epochs were spent; None before there was one."""
        place = bisect_right(self._epochs, epochs)
        return self._values[place - 1] if place else None

    @property
    def last_improved(self) -> int | None:
        """How many epochs were spent when the best became what it is."""
        return self._epochs[-1] if self._epochs else None

    def sampled(self, epochs: int, columns: int) -> list[float | None]:
        """The best at so many places from the beginning to `epochs`, the last of them there."""
        return [self.at(max(1, round(epochs * (k + 1) / columns))) for k in range(columns)]


def plotted(values: Sequence[float | None], lines: int) -> tuple[list[str], float, float]:
    """Columns of blocks as high as their values, top line first; with the values at the bottom and the top.

    The lowest value has an eighth of a line, so that it differs from none. The axis is that of `scaled`.

    Examples:
        >>> plotted([None, 1.0, 2.0, 3.0], 1)
        ([' ▁▅█'], 1.0, 3.0)
    """
    shares, low, high = scaled(values)
    most = 8 * lines - 1
    heights = [0 if share is None else 1 + round(most * share) for share in shares]
    rows = [
        "".join(_EIGHTHS[min(max(height - 8 * line, 0), 8)] for height in heights) for line in range(lines)
    ]
    return rows[::-1], low, high


def scaled(values: Sequence[float | None]) -> tuple[list[float | None], float, float]:
    """How far up each value lies between the lowest and the highest, from 0 to 1, and these two.

    The scale is logarithmic where the values are positive and span more than a decade.

    Examples:
        >>> scaled([None, 1.0, 2.0, 3.0])
        ([None, 0.0, 0.5, 1.0], 1.0, 3.0)
    """
    known = [value for value in values if value is not None and math.isfinite(value)]
    if not known:
        return [None] * len(values), 0.0, 0.0
    low, high = min(known), max(known)
    scale = math.log if low > 0 and high / low > _WIDE else float
    bottom, span = scale(low), scale(high) - scale(low)
    return (
        [
            None
            if value is None or not math.isfinite(value)
            else (scale(value) - bottom) / span
            if span
            else 0.0
            for value in values
        ],
        low,
        high,
    )
