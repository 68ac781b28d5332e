"""Where each hyperparameter's values lie, in the few kinds that other tools have."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from sweeps.export.histories import as_scalar, as_text
from sweeps.results.configs import config_of
from sweeps.space import Choice, Distribution, Numeric, Space, Value
from sweeps.space.scale import LOG
from sweeps.space.value import exactly

if TYPE_CHECKING:
    from sweeps.results import SweepResult

Scalar: TypeAlias = bool | int | float | str | None

_EXACT = 2**53  # beyond, decimals do not tell whole numbers apart


@dataclass(frozen=True)
class Interval:
    """Numbers from low to high, both included. step: between them, None where they are continuous."""

    low: float
    high: float
    step: float | None
    log: bool
    integer: bool

    def shown(self, value: Value) -> float:
        """A value as the tool is told it."""
        return int(value) if self.integer else float(value)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Options:
    """One of a list. values: ours. names: theirs in the tool, all different, in the same order."""

    values: Sequence[Value]
    names: Sequence[Scalar]

    def shown(self, value: Value) -> Scalar:
        """A value as the tool is told it."""
        return self.names[[exactly(each) for each in self.values].index(exactly(value))]


Range: TypeAlias = Interval | Options


def ranges(result: SweepResult, mixed: bool) -> dict[str, Range]:
    """Of each hyperparameter that a trial had, fixed ones left out; wide enough for every trial's value.

    The spec has the space that was asked for last. Before, there may have been another, and ranges may have
    grown since.

    Args:
        result: The sweep.
        mixed: Whether the tool takes options of several types in one list, and null among them.
    """
    space = Space(result.spec.get("space", {}))
    seen: dict[str, dict[object, Value]] = {}
    for _, row in result.trials.iterrows():
        for name, value in config_of(row).items():
            seen.setdefault(name, {})[exactly(value)] = value
    return _ranges(space, {name: [*values.values()] for name, values in seen.items()}, mixed)


def ranges_of_space(space: Space, mixed: bool) -> dict[str, Range]:
    """Of each hyperparameter that is searched, where no trial is known yet."""
    return _ranges(space, {name: [] for name in space.distributions}, mixed)


def _ranges(space: Space, seen: Mapping[str, list[Value]], mixed: bool) -> dict[str, Range]:
    found = {name: _range(space.distributions.get(name), values) for name, values in seen.items()}
    return {
        name: _options(each, mixed) if isinstance(each, list) else each
        for name, each in found.items()
        if each
    }


def _range(distribution: Distribution | None, seen: list[Value]) -> Interval | list[Value]:
    """An interval, or the values that there are; none of what is fixed."""
    strange = seen if distribution is None else [value for value in seen if value not in distribution]
    if isinstance(distribution, Numeric):
        return _interval(distribution, strange) if all(map(_is_number, strange)) else seen
    if isinstance(distribution, Choice):
        return [*distribution.values, *strange]
    return seen if strange else []


def _interval(numeric: Numeric, strange: Sequence[Value]) -> Interval:
    grid = None if strange else numeric.grid
    numbers: list[float] = [numeric.low, numeric.high, *strange]  # type: ignore[list-item]
    low, high = min(numbers), grid.at(grid.last) if grid is not None else max(numbers)
    log = numeric.scale is LOG and low > 0
    integer = all(isinstance(number, int) and abs(number) < _EXACT for number in numbers) and numeric.integer
    if not integer:
        low, high = float(low), float(high)
    return Interval(low, high, numeric.step if grid is not None else None, log, integer)


def _options(values: Sequence[Value], mixed: bool) -> Options:
    """Values themselves where the tool tells them apart, as it does not 1, 1.0 and True; texts elsewhere."""
    scalars, texts = [as_scalar(each) for each in values], [as_text(each) for each in values]
    kinds = {float if type(each) is int else type(each) for each in scalars}
    if mixed and all(value is None or value == each for value, each in zip(values, scalars, strict=True)):
        scalars, kinds = list(values), set()  # type: ignore[arg-type]
    for names in ([scalars] if len(kinds) < 2 else []) + [texts]:
        if len(set(names)) == len(values):
            return Options(values, names)
    return Options(values, [repr(each) for each in values])


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
