"""The values of a hyperparameter with a step, and the part of the unit interval that each has."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Context, Decimal
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sweeps.space.scale import Scale

Array = NDArray[np.float64]

# Sums are of the numbers as they are written, 0.1 and not the float next to it, and are rounded once.
_WRITTEN = Context(prec=60)
_FLOOR = Context(prec=60, rounding=ROUND_FLOOR)

# What rounding may have taken from a step that was computed, such as 1/3, in steps.
_SLACK = Decimal("1e-9")


@dataclass(frozen=True)
class Grid:
    """low, low + step, low + 2·step, … up to high; none lies beyond.

    Along the unit interval, a value has the part of the scale that lies nearer to it than to its neighbours;
    the two outermost have a whole cell too. All is reckoned in offsets from `low`, since far from 0 the
    values themselves, and the more so their logarithms, are too close to tell apart.
    """

    low: float
    high: float
    step: float
    integer: bool
    scale: Scale

    @cached_property
    def last(self) -> int:
        """The place of the highest value, counted from 0."""
        if self.integer:
            return int(self.high - self.low) // int(self.step)
        steps = _WRITTEN.divide(
            _WRITTEN.subtract(_written(self.high), _written(self.low)), _written(self.step)
        )
        return int(_FLOOR.to_integral_value(_WRITTEN.add(steps, _SLACK)))

    def at(self, place: int) -> float:
        """The value at a place, as the user would write it: 0.3 and not 0.30000000000000004.

        Places below 0 and above `last` go on with the same steps.
        """
        if self.integer:
            return int(self.low) + place * int(self.step)
        return self._top if place == self.last else float(self._written_at(place))

    def place(self, value: float) -> int:
        """The place of the value next to this one."""
        steps = _WRITTEN.divide(_WRITTEN.subtract(_written(value), _written(self.low)), _written(self.step))
        return int(_WRITTEN.to_integral_value(steps))

    def place_at(self, unit: float) -> int:
        """The place of the value at a coordinate in [0, 1]."""
        bottom, top = self._edges
        offset = self.scale.offset(self.low, bottom + unit * (top - bottom))
        return min(max(round(offset / self.step), 0), self.last)

    def unit(self, value: float) -> float:
        """The coordinate of a value from low to high, on the grid or between."""
        bottom, top = self._edges
        return min(max((self.scale.distance(self.low, value - self.low) - bottom) / (top - bottom), 0.0), 1.0)

    def snapped(self, units: Array) -> Array:
        """To each coordinate that of the value there, shape (n,)."""
        bottom, top = self._edges
        offsets = self.scale.offset_all(self.low, bottom + units * (top - bottom))
        return self._units(np.clip(np.rint(offsets / self.step), 0, self.last))

    def cells(self) -> tuple[Array, Array]:
        """The coordinates of all values, shape (last + 1,), and of the borders between, shape (last,)."""
        places = np.arange(self.last + 1, dtype=np.float64)
        return self._units(places), self._units(places[:-1] + 0.5)

    def _units(self, places: Array) -> Array:
        bottom, top = self._edges
        distances = self.scale.distance_all(self.low, places * self.step)
        return np.clip((distances - bottom) / (top - bottom), 0.0, 1.0)

    @cached_property
    def _top(self) -> float:
        """The highest value: the upper end itself where only rounding keeps them apart."""
        written, high = self._written_at(self.last), _written(self.high)
        slack = _WRITTEN.multiply(_SLACK, _written(self.step))
        return float(self.high) if written >= _WRITTEN.subtract(high, slack) else float(written)

    def _written_at(self, place: int) -> Decimal:
        return _WRITTEN.add(_written(self.low), _WRITTEN.multiply(_written(self.step), Decimal(place)))

    @cached_property
    def _edges(self) -> tuple[float, float]:
        """The ends of the unit interval, in distance from `low`: a cell reaches as far out as in."""
        half, last = self.step / 2, self.last * self.step
        bottom = -self.scale.distance(self.low, half)
        top = 2 * self.scale.distance(self.low, last) - self.scale.distance(self.low, last - half)
        return bottom, top

    @property
    def finest(self) -> float:
        """The smallest step whose values are still different numbers."""
        return 0 if self.integer else 2 * math.ulp(max(abs(self.low), abs(self.high)))


def _written(number: float) -> Decimal:
    return Decimal(repr(number)) if isinstance(number, float) else Decimal(number)
