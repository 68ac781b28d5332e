"""Axes of pictures: a hyperparameter on its own scale, and the objective without the hopeless tail."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweeps.reports.blocks import label, short
from sweeps.screen.figures import show_short
from sweeps.space import Choice, Distribution, Numeric, Value

Array = NDArray[np.float64]
_NINES = (0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999, 0.9995, 0.9999, 0.99999, 0.999999)
_ROUND_NINES = (0, 0.5, 0.9, 0.99, 0.999, 0.9999, 0.99999, 0.999999)
_MOST_NINES = 6
_MOST_TICKS = 12
_WIDE = 12  # the ratio of objectives from which on their axis is logarithmic
_MOST_SHARE = 0.9  # of trials whose objectives lie within the axis


@dataclass(frozen=True)
class Axis:
    """A hyperparameter's axis.

    low, high: its ends, in the numbers that `places` gives. labels: of a choice's values, by place.
    """

    name: str
    scale: str
    low: float
    high: float
    distribution: Distribution
    labels: tuple[str, ...] = ()

    @classmethod
    def of(cls, name: str, distribution: Distribution) -> Axis:
        """distribution: as wide as the values that are to be shown."""
        if isinstance(distribution, Choice):
            labels = tuple(short("none" if value is None else value, 60) for value in distribution.values)
            kind = "ordered choice" if distribution.ordered else "choice"
            return cls(name, kind, -0.5, len(labels) - 0.5, distribution, labels)
        if not isinstance(distribution, Numeric):
            raise TypeError(f"no axis for a {type(distribution).__name__}")
        scale = distribution.scale.name
        low, high = (_forward(scale, float(end)) for end in (distribution.low, distribution.high))
        return cls(name, scale, low, high, distribution)

    def places(self, values: Sequence[Value]) -> Array:
        """Where values lie on the axis; NaN for what has no place there."""
        if self.labels:
            return np.array([self._index(value) for value in values], dtype=float)
        return np.array([_number(self.scale, value) for value in values], dtype=float)

    def units(self, places: Array) -> Array:
        """Places as parts of the axis, 0 at its low end and 1 at its high one."""
        return (places - self.low) / (self.high - self.low)

    def region(self, low: float, high: float) -> tuple[float, float]:
        """A region's ends, which the rounds table has in the hyperparameter's own units."""
        if self.labels:
            places = self.places([low, high])
            return (float(places[0]) - 0.4, float(places[1]) + 0.4)
        return _forward(self.scale, low), _forward(self.scale, high)

    def layout(self) -> dict[str, Any]:
        """What plotly's layout says of it."""
        pad = 0.03 * (self.high - self.low)
        places, texts = self.ticks()
        return {"range": [self.low - pad, self.high + pad], "tickvals": places, "ticktext": texts}

    def ticks(self) -> tuple[list[float], list[str]]:
        """Where its marks are, and what stands there in plotly's few tags."""
        if self.labels:
            places, texts = self.plain_ticks()
            return places, [label(text) for text in texts]
        return [_forward(self.scale, mark) for mark in self._marks()], [_tick(mark) for mark in self._marks()]

    def plain_ticks(self) -> tuple[list[float], list[str]]:
        """The same as plain text."""
        if not self.labels:
            return [_forward(self.scale, mark) for mark in self._marks()], [
                f"{mark:g}" for mark in self._marks()
            ]
        places = range(0, len(self.labels), math.ceil(len(self.labels) / _MOST_TICKS))
        most = max(8, 40 // max(len(places), 1))
        return [float(k) for k in places], [short(self.labels[k], most) for k in places]

    def jitter(self, places: Array) -> Array:
        """Choices side by side rather than on top of each other; the rest as it is."""
        if not self.labels:
            return places
        return np.asarray(places + np.random.default_rng(0).uniform(-0.28, 0.28, len(places)))

    def _marks(self) -> list[float]:
        if self.scale == "log":
            return _decades(self.low, self.high)
        if self.scale == "reverse log":
            found = [
                nine for nine in _NINES if self.low - 1e-9 <= _forward(self.scale, nine) <= self.high + 1e-9
            ]
            return found if len(found) <= _MOST_NINES else [nine for nine in found if nine in _ROUND_NINES]
        return _even(self.low, self.high, whole=getattr(self.distribution, "integer", False))

    def _index(self, value: Value) -> float:
        if value not in self.distribution:
            return math.nan
        return self.distribution.to_unit(value) * len(self.labels) - 0.5


@dataclass(frozen=True)
class ObjectiveAxis:
    """The objective's axis, from the best on; what is far worse is drawn at its edge.

    log: whether it is logarithmic. best, edge: its ends, in the objective's own units.
    """

    name: str
    log: bool
    best: float
    edge: float

    @classmethod
    def of(cls, name: str, losses: Array, sign: int, share: float = _MOST_SHARE) -> ObjectiveAxis:
        """losses: of trials or epochs, less is better, NaN passed over. sign: -1 where more is better.

        share: of them, from the best on, what lies within the axis.
        """
        losses = losses[np.isfinite(losses)]
        if not len(losses):
            return cls(name, False, 0.0, 1.0)
        best, edge = (sign * float(np.quantile(losses, part, method="lower")) for part in (0, share))
        if best == edge:
            edge = best + sign * (abs(best) * 0.1 or 1.0)
        log = min(best, edge) > 0 and max(best, edge) / min(best, edge) > _WIDE
        return cls(name, log, best, edge)

    def places(self, objectives: Iterable[float]) -> Array:
        """Where objectives are drawn: what lies beyond the edge, at the edge."""
        values = np.array(list(objectives), dtype=float)
        return np.asarray((np.minimum if self.edge > self.best else np.maximum)(values, self.edge))

    def beyond(self, objectives: Iterable[float]) -> NDArray[np.bool_]:
        """Whose objectives lie beyond the edge."""
        values = np.array(list(objectives), dtype=float)
        return np.asarray(values > self.edge if self.edge > self.best else values < self.edge)

    def layout(self, past: float = 0.06, bare: bool = False) -> dict[str, Any]:
        """What plotly's layout says of it.

        past: room beyond the edge, as a part of the axis. bare: without its name.
        """
        best, edge = (math.log10(end) if self.log else end for end in (self.best, self.edge))
        width = edge - best
        ends = sorted((best - 0.06 * width, edge + past * width))
        axis = {"range": ends, "exponentformat": "power"}
        if self.log:
            axis |= {
                "type": "log",
                "tickvals": self.marks(),
                "ticktext": [_tick(mark) for mark in self.marks()],
            }
        return axis | ({} if bare else {"title": {"text": label(self.name)}})

    def marks(self) -> list[float]:
        """Where values are written."""
        low, high = sorted((self.best, self.edge))
        return _decades(math.log10(low) - 0.05, math.log10(high) + 0.05) if self.log else _even(low, high)

    def lost_place(self) -> float:
        """Where trials without an objective are marked: past the edge."""
        if self.log:
            return float(10 ** (math.log10(self.edge) + 0.07 * math.log10(self.edge / self.best)))
        return self.edge + 0.07 * (self.edge - self.best)


def _forward(scale: str, value: float) -> float:
    if scale == "log":
        return math.log10(value) if value > 0 else math.nan
    if scale == "reverse log":
        return -math.log10(1 - value) if value < 1 else math.nan
    return value


def _number(scale: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    return _forward(scale, float(value))


def _decades(low: float, high: float) -> list[float]:
    """Powers of ten; of less than two decades 1, 2 and 5 of each."""
    steps = (1.0,) if high - low >= 2 else (1.0, 2.0, 5.0)
    every = max(1, math.ceil((high - low) / 6))
    powers = range(math.floor(low), math.ceil(high) + 1, every)
    found = [step * 10.0**power for power in powers for step in steps]
    return [value for value in found if low - 1e-9 <= math.log10(value) <= high + 1e-9]


def _even(low: float, high: float, whole: bool = False) -> list[float]:
    """Round values between the ends. whole: no fractions."""
    raw = max((high - low) / 5, 1.0 if whole else 0.0)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= raw)
    first = math.ceil(low / step - 1e-9)
    return [round(k * step, 12) for k in range(first, math.floor(high / step + 1e-9) + 1)]


def _tick(value: float) -> str:
    if value and (abs(value) < 1e-3 or abs(value) >= 1e5):
        mantissa, power = f"{value:.0e}".split("e")
        return f"10<sup>{int(power)}</sup>" if mantissa == "1" else f"{mantissa}·10<sup>{int(power)}</sup>"
    return show_short(value, 6)
