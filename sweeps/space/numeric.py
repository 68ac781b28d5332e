"""Numeric hyperparameters: uniform in a scale, continuous or on a grid."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, TypeGuard

from sweeps.errors import BadInput
from sweeps.space.distribution import Distribution
from sweeps.space.grid import Grid
from sweeps.space.scale import LINEAR, LOG, REVERSE_LOG, Scale
from sweeps.space.value import Value, as_plain


@dataclass(frozen=True)
class Numeric(Distribution):
    """Values from low to high, both included, uniform in the class's scale.

    Attributes:
        low: The least value.
        high: The largest value; with a step, what no value exceeds.
        step: If given, only low, low + step, low + 2·step, … up to high occur; each has the part of the
            scale that lies nearer to it than to its neighbours. Values are as one would write them: 0.3
            for the third step of 0.1.

    Raises:
        BadInput: On low ≥ high, an end that the scale does not allow, a step at or below 0, or one so fine
            that two values would be the same number.
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
        elif self.integer:
            object.__setattr__(self, "step", 1)
        elif self._ends[0] >= self._ends[1]:
            rule = f"has ends that a {self.scale.name} scale cannot tell apart"
            raise BadInput(self.kind, [self.low, self.high], rule, "move them apart, or write uniform")
        self._check_likely()

    def from_unit(self, unit: float) -> Value:
        if self.grid is not None:
            return self.grid.at(self.grid.place_at(min(max(unit, 0.0), 1.0)))
        if not 0 < unit < 1:
            return float(self.low if unit <= 0 else self.high)  # exactly, not up to the scale's rounding
        bottom, top = self._ends
        x = self.scale.inverse(bottom + unit * (top - bottom))
        return min(max(x, float(self.low)), float(self.high))

    def to_unit(self, value: Value) -> float:
        value = as_plain(value)
        if not self._spans(value):
            raise BadInput(self.kind, value, f"must be a number from {self.low} to {self.high}")
        if self.grid is not None:
            return self.grid.unit(value)
        bottom, top = self._ends
        return min(max((self.scale.forward(value) - bottom) / (top - bottom), 0.0), 1.0)

    def own(self, value: Value) -> Value:
        return int(value) if self.integer else float(value)  # type: ignore[arg-type]

    def __contains__(self, value: object) -> bool:
        number = as_plain(value)
        if not self._spans(number):
            return False
        return self.grid is None or bool(number == self.grid.at(self.grid.place(number)))

    @property
    def fixed(self) -> bool:
        return False

    @property
    def size(self) -> int | None:
        return None if self.grid is None else self.grid.last + 1

    def settings(self) -> dict[str, Any]:
        step = {} if self.step is None or (self.integer and self.step == 1) else {"step": self.step}
        return {self.kind: [self.low, self.high], **step}

    @property
    def width(self) -> float:
        """From low to high in the scale."""
        if self.grid is not None:
            return self.scale.distance(self.low, self.high - self.low)
        return self._ends[1] - self._ends[0]

    @cached_property
    def grid(self) -> Grid | None:
        """The values there are; None for a continuous range."""
        return None if self.step is None else self._grid_of(self.step)

    @cached_property
    def _ends(self) -> tuple[float, float]:
        return self.scale.forward(self.low), self.scale.forward(self.high)

    def _spans(self, value: Any) -> TypeGuard[float]:
        """Whether it is a number from low to high."""
        number = isinstance(value, int | float) and not isinstance(value, bool)
        return number and self.low <= value <= self.high

    def _check_end(self, end: object) -> None:
        if isinstance(end, bool) or not isinstance(end, int | float) or not abs(end) < 2**63:
            raise BadInput(
                self.kind, end, "must be a finite number below 2^63", f"write {self.kind}: [low, high]"
            )
        if self.integer and not isinstance(end, int):
            raise BadInput(self.kind, end, "must be a whole number", "use uniform or log for fractions")
        if not self.scale.legal(end):
            rule = f"has an end at {end}, which {self.scale.rule}"
            low = "start just above 0, such as 1e-5"
            fix = low if self.scale is LOG else "end just below 1, such as 0.999"
            raise BadInput(self.kind, [self.low, self.high], rule, fix)

    def _check_step(self, step: object) -> None:
        numeric = isinstance(step, int | float) and not isinstance(step, bool)
        if not numeric or not 0 < float(step) < 2**63:  # type: ignore[arg-type]
            raise BadInput("step", step, "must be a number above 0")
        if self.integer and not isinstance(step, int):
            raise BadInput("step", step, "must be a whole number for whole-number values")
        grid = self._grid_of(step)  # type: ignore[arg-type]
        if grid.last < 1:
            raise BadInput("step", step, f"must be at most high - low = {self.high - self.low}")
        if grid.step < grid.finest:
            rule = f"is too fine: so far from 0, steps below {grid.finest:.1g} give the same number twice"
            raise BadInput("step", step, rule, "take a larger step, or leave it out")

    def _grid_of(self, step: float) -> Grid:
        return Grid(self.low, self.high, step, self.integer, self.scale)


@dataclass(frozen=True)
class Uniform(Numeric):
    """Uniform between low and high.

    Examples:
        >>> Uniform(0, 1).from_unit(0.25)
        0.25
        >>> Uniform(0, 1, step=0.1).from_unit(0.3)
        0.3
    """

    kind: ClassVar[str] = "uniform"


@dataclass(frozen=True)
class LogUniform(Numeric):
    """Uniform in the logarithm: each decade is drawn equally often. For learning rates and L2.

    Examples:
        >>> round(LogUniform(1e-4, 1).from_unit(0.5), 12)
        0.01
    """

    kind: ClassVar[str] = "log"
    scale: ClassVar[Scale] = LOG


@dataclass(frozen=True)
class ReverseLogUniform(Numeric):
    """1 - value is log-uniform: for β, where 0.9 → 0.99 matters as much as 0.99 → 0.999.

    Examples:
        >>> round(ReverseLogUniform(0.9, 0.999).from_unit(0.5), 12)
        0.99
    """

    kind: ClassVar[str] = "reverse_log"
    scale: ClassVar[Scale] = REVERSE_LOG


@dataclass(frozen=True)
class IntUniform(Numeric):
    """Whole numbers from low to high, each equally often.

    Examples:
        >>> [IntUniform(1, 4).from_unit(unit) for unit in (0.1, 0.3, 0.6, 0.9)]
        [1, 2, 3, 4]
    """

    kind: ClassVar[str] = "int"
    integer: ClassVar[bool] = True


@dataclass(frozen=True)
class LogIntUniform(Numeric):
    """Whole numbers, each with its share of the logarithm. For layer widths and batch sizes.

    Examples:
        >>> LogIntUniform(16, 256, step=16).from_unit(0.5)
        48
    """

    kind: ClassVar[str] = "log_int"
    scale: ClassVar[Scale] = LOG
    integer: ClassVar[bool] = True
