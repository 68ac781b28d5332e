"""Numeric hyperparameters: uniform in a scale, continuous or on a grid."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from sweeps.errors import BadInput
from sweeps.space.distribution import Distribution, Value, as_plain
from sweeps.space.scale import LINEAR, LOG, REVERSE_LOG, Scale


@dataclass(frozen=True)
class Numeric(Distribution):
    """Values from low to high, both included, uniform in the class's scale.

    step: if given, only low, low + step, low + 2·step, … up to high occur; each then owns the part
        of the scale that lies nearer to it than to its neighbours.
    Raises `BadInput` on low ≥ high, an end the scale does not allow, or a step below or at 0.
    """

    low: float
    high: float
    step: float | None = None

    scale: ClassVar[Scale] = LINEAR
    integer: ClassVar[bool] = False

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("low", "high", "step"):
            object.__setattr__(self, name, as_plain(getattr(self, name)))
        for end in (self.low, self.high):
            self._check_end(end)
        if self.low >= self.high:
            rule = "must have low below high"
            raise BadInput(self.kind, [self.low, self.high], rule, f"write {self.kind}: [low, high]")
        if self.step is not None:
            self._check_step(self.step)
        if self.integer and self.step is None:
            object.__setattr__(self, "step", 1)

    def from_unit(self, unit: float) -> Value:
        if self.step is None and not 0 < unit < 1:
            return float(self.low if unit <= 0 else self.high)  # exactly, not up to the scale's rounding
        bottom, top = self._edges
        x = self.scale.inverse(bottom + min(max(unit, 0.0), 1.0) * (top - bottom))
        if self.step is None:
            return min(max(x, float(self.low)), float(self.high))
        index = min(max(round((x - self.low) / self.step), 0), self.last_index)
        return self.grid_value(index)

    def to_unit(self, value: Value) -> float:
        if isinstance(value, str | list) or not self.low <= value <= self.high:
            raise BadInput(self.kind, value, f"must be a number from {self.low} to {self.high}")
        bottom, top = self._edges
        return min(max((self.scale.forward(value) - bottom) / (top - bottom), 0.0), 1.0)

    def snapped(self, units: NDArray[np.float64]) -> NDArray[np.float64]:
        """To each coordinate that of the grid's value there, shape (n,); only where there is a step."""
        bottom, top = self._edges
        x = self.scale.inverse_all(bottom + units * (top - bottom))
        places = np.clip(np.rint((x - self.low) / (self.step or 1)), 0, self.last_index)
        values = self.scale.forward_all(self.low + places * (self.step or 1))
        return np.clip((values - bottom) / (top - bottom), 0.0, 1.0)

    def __contains__(self, value: object) -> bool:
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not self.low <= value <= self.high
        ):
            return False
        return self.step is None or bool(value == self.grid_value(round((value - self.low) / self.step)))

    @property
    def fixed(self) -> bool:
        return False

    @property
    def size(self) -> int | None:
        return None if self.step is None else self.last_index + 1

    def settings(self) -> dict[str, Any]:
        step = {} if self.step is None or (self.integer and self.step == 1) else {"step": self.step}
        return {self.kind: [self.low, self.high], **step}

    @property
    def width(self) -> float:
        """From low to high in the scale."""
        return self.scale.forward(self.high) - self.scale.forward(self.low)

    @property
    def last_index(self) -> int:
        """The place of the highest value on the grid, counted from 0; only where there is a step."""
        if self.integer:
            return int(self.high - self.low) // int(self.step or 1)
        # The small slack keeps 0.3 on the grid 0, 0.1, 0.2, 0.3, where 0.3 / 0.1 rounds to 2.9999….
        return math.floor((self.high - self.low) / (self.step or 1) + 1e-9)

    def grid_value(self, index: int) -> float:
        """The value at a place on the grid, low + index · step."""
        value = self.low + index * (self.step or 1)
        if self.integer:
            return int(value)
        # Twelve digits: 3 · 0.1 is then 0.3, as the user would write it. The lower end stays as given.
        return min(float(f"{value:.12g}"), float(self.high)) if index else float(self.low)

    @cached_property
    def _edges(self) -> tuple[float, float]:
        """The ends of the unit interval in the scale; a grid's outer values own a whole cell too."""
        forward = self.scale.forward
        if self.step is None:
            return forward(self.low), forward(self.high)
        last = self.grid_value(self.last_index)
        half = self.step / 2
        return 2 * forward(self.low) - forward(self.low + half), 2 * forward(last) - forward(last - half)

    def _check_end(self, end: object) -> None:
        if isinstance(end, bool) or not isinstance(end, int | float) or not abs(end) < 2**63:
            raise BadInput(
                self.kind, end, "must be a finite number below 2^63", f"write {self.kind}: [low, high]"
            )
        if self.integer and not isinstance(end, int):
            raise BadInput(self.kind, end, "must be a whole number", "use uniform or log for fractions")
        if not self.scale.legal(end):
            fix = (
                "start just above 0, such as 1e-5" if self.scale is LOG else "end just below 1, such as 0.999"
            )
            raise BadInput(
                self.kind, [self.low, self.high], f"has an end at {end}, which {self.scale.rule}", fix
            )

    def _check_step(self, step: object) -> None:
        numeric = isinstance(step, int | float) and not isinstance(step, bool)
        if not numeric or not 0 < float(step) <= self.high - self.low:  # type: ignore[arg-type]
            rule = f"must be above 0 and at most high - low = {self.high - self.low}"
            raise BadInput("step", step, rule)
        if self.integer and not isinstance(step, int):
            raise BadInput("step", step, "must be a whole number for whole-number values")


@dataclass(frozen=True)
class Uniform(Numeric):
    """Uniform between low and high."""

    kind: ClassVar[str] = "uniform"


@dataclass(frozen=True)
class LogUniform(Numeric):
    """Uniform in the logarithm: each decade is drawn equally often. For learning rates, L2."""

    kind: ClassVar[str] = "log"
    scale: ClassVar[Scale] = LOG


@dataclass(frozen=True)
class ReverseLogUniform(Numeric):
    """1 - value is log-uniform: for β, where 0.9 → 0.99 matters as much as 0.99 → 0.999."""

    kind: ClassVar[str] = "reverse_log"
    scale: ClassVar[Scale] = REVERSE_LOG


@dataclass(frozen=True)
class IntUniform(Numeric):
    """Whole numbers from low to high, each equally often."""

    kind: ClassVar[str] = "int"
    integer: ClassVar[bool] = True


@dataclass(frozen=True)
class LogIntUniform(Numeric):
    """Whole numbers, each owning its share of the logarithm. For layer widths, batch sizes."""

    kind: ClassVar[str] = "log_int"
    scale: ClassVar[Scale] = LOG
    integer: ClassVar[bool] = True
