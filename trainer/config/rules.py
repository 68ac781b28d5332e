"""What a hyperparameter may be. Each rule reads a value or raises `ConfigError`."""

from __future__ import annotations

import math
import numbers
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from trainer.errors import ConfigError, choices


@dataclass(frozen=True)
class Number:
    """A finite number from low to high. open_low, open_high: without that end itself."""

    low: float
    high: float = math.inf
    open_low: bool = False
    open_high: bool = False

    def __call__(self, key: str, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise ConfigError(key, value, f"must be a number {self}", _number_fix(value))
        number = float(value)
        above = number > self.low if self.open_low else number >= self.low
        below = number < self.high if self.open_high else number <= self.high
        if not (above and below and math.isfinite(number)):
            raise ConfigError(key, value, f"must be a number {self}", f"choose a number {self}")
        return number

    def __str__(self) -> str:
        low = f"above {self.low:g}" if self.open_low else f"from {self.low:g}"
        if self.high == math.inf:
            return low if self.open_low else f"{low} on"
        return f"{low} and below {self.high:g}" if self.open_high else f"{low} to {self.high:g}"


@dataclass(frozen=True)
class Whole:
    """A whole number from low on, up to high if there is one; a float without a fraction will do."""

    low: int
    high: float = math.inf

    def __call__(self, key: str, value: Any) -> int:
        number = isinstance(value, numbers.Real) and not isinstance(value, bool)
        if (
            not number
            or not math.isfinite(value)
            or value != int(value)
            or not self.low <= value <= self.high
        ):
            ends = f"from {self.low} on" if self.high == math.inf else f"from {self.low} to {self.high}"
            raise ConfigError(
                key, value, f"must be a whole number {ends}", f"write {key}: {max(self.low, 32)}, say"
            )
        return int(value)


@dataclass(frozen=True)
class Switch:
    """True or false."""

    def __call__(self, key: str, value: Any) -> bool:
        # NumPy's bools, as a table may hold them, compare equal to Python's.
        if not any(value is each for each in (True, False)) and type(value).__name__ != "bool":
            raise ConfigError(key, value, "must be true or false", f"write {key}: true, or {key}: false")
        return bool(value)


@dataclass(frozen=True)
class Widths:
    """A list of whole numbers from 1 on, one per hidden layer."""

    def __call__(self, key: str, value: Any) -> tuple[int, ...]:
        if isinstance(value, str) or not isinstance(value, Iterable):
            rule = "must be a list, with the units of each hidden layer"
            raise ConfigError(key, value, rule, f"write {key}: [64, 32], say")
        whole = Whole(1)
        return tuple(whole(key, width) for width in value)


@dataclass(frozen=True)
class OneOf:
    """One of the listed names."""

    names: tuple[str, ...]

    def __call__(self, key: str, value: Any) -> str:
        if not isinstance(value, str) or value not in self.names:
            raise ConfigError(key, value, f"is not one of {key}'s choices", choices(self.names, value))
        return str(value)


def _number_fix(value: Any) -> str:
    try:
        float(value)
    except (TypeError, ValueError):
        return "write a number"
    return "write a number; YAML reads 1e-5 as text, but 1.0e-5 as a number"
