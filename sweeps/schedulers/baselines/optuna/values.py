"""Our distributions in Optuna's terms: its own where it has one alike, else a number in our unit scale."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, cast

from sweeps.space import (
    Choice,
    Config,
    Distribution,
    IntUniform,
    LogIntUniform,
    LogUniform,
    Numeric,
    Space,
    Uniform,
    Value,
)
from sweeps.space.grid import Grid
from sweeps.space.value import exactly

_EXACT = 2**53  # beyond, Optuna's floats do not tell whole numbers apart

_Plain: TypeAlias = bool | int | float | str | None
_OPTUNAS = (bool, int, float, str, type(None))

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


class Suggests(Protocol):
    """What is asked of a trial of Optuna's."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float: ...

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int: ...

    def suggest_categorical(self, name: str, choices: Sequence[_Plain]) -> _Plain: ...


def suggest(trial: Suggests, name: str, distribution: Distribution) -> Value:
    """Ask Optuna for the value of one hyperparameter; a fixed one is not asked for."""
    if distribution.fixed:
        return distribution.from_unit(0.5)
    if isinstance(distribution, Choice):
        return _choice(trial, name, distribution)
    value = _number(trial, name, distribution) if isinstance(distribution, Numeric) else None
    return distribution.from_unit(float(trial.suggest_float(name, 0, 1))) if value is None else value


def as_optunas(space: Space, config: Config) -> tuple[dict[str, Any], dict[str, BaseDistribution]]:
    """A config of the space in Optuna's terms: what it answers by name, and the distributions asked of."""
    known = _Known({n: asked_as(space.distributions[n], config[n]) for n in config if n in space.searched})

    def value(name: str, distribution: Distribution) -> Value:
        suggest(known, name, distribution)
        return config[name]

    space.decide(value)
    return known.params, known.distributions


class _Known:
    """Stands in for a trial of Optuna's: its answers are given, and it keeps the distributions asked of."""

    def __init__(self, params: dict[str, Any]) -> None:
        self.params = params
        self.distributions: dict[str, BaseDistribution] = {}

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        return float(self._answer(name, _distributions().FloatDistribution(low, high, log=log)))

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        return int(self._answer(name, _distributions().IntDistribution(low, high, log=log)))

    def suggest_categorical(self, name: str, choices: Sequence[_Plain]) -> _Plain:
        return cast("_Plain", self._answer(name, _distributions().CategoricalDistribution(choices)))

    def _answer(self, name: str, distribution: BaseDistribution) -> Any:
        self.distributions[name] = distribution
        return self.params[name]


def _distributions() -> ModuleType:
    from optuna import distributions

    return distributions


def asked_as(distribution: Distribution, value: Value) -> _Plain:
    """What Optuna is to answer when `suggest` asks it, for this value of a distribution."""
    if isinstance(distribution, Choice):
        places = [exactly(each) for each in distribution.values]
        return places.index(exactly(value)) if _by_place(distribution) else cast("_Plain", value)
    if isinstance(distribution, Numeric) and (_is_alike(distribution) or _is_continuous(distribution)):
        return cast("float", value)
    if isinstance(distribution, Numeric) and (grid := _grid(distribution)) is not None:
        return grid.place(cast("float", value))
    return distribution.to_unit(value)


def _choice(trial: Suggests, name: str, choice: Choice) -> Value:
    """By its place in the list where Optuna has nothing alike: ordered choices, lists, enums, 1 with 1.0."""
    places = range(len(choice.values))
    if choice.ordered:
        return choice.values[int(trial.suggest_int(name, 0, places[-1]))]
    if _by_place(choice):
        return choice.values[cast("int", trial.suggest_categorical(name, places))]
    scalars = cast("tuple[_Plain, ...]", choice.values)
    return trial.suggest_categorical(name, scalars)


def _by_place(choice: Choice) -> bool:
    """Whether Optuna is asked for a place in the list: it has no such values, or would merge equal ones."""
    if choice.ordered or any(type(value) not in _OPTUNAS for value in choice.values):
        return True
    return len(set(choice.values)) < len(choice.values)


def _number(trial: Suggests, name: str, numeric: Numeric) -> Value | None:
    """A value from the distribution of Optuna's that is alike; None if there is none."""
    low, high = numeric.low, numeric.high
    log = isinstance(numeric, LogUniform | LogIntUniform)
    if _is_continuous(numeric):
        value = float(trial.suggest_float(name, low, high, log=log))
        return min(max(value, float(low)), float(high))
    if _is_alike(numeric):
        return int(trial.suggest_int(name, int(low), int(high), log=log))
    if (grid := _grid(numeric)) is not None:
        return grid.at(int(trial.suggest_int(name, 0, grid.last)))
    return None


def _is_continuous(numeric: Numeric) -> bool:
    """Whether Optuna has the same range of decimals."""
    return isinstance(numeric, Uniform | LogUniform) and numeric.step is None


def _is_alike(numeric: Numeric) -> bool:
    """Whether Optuna has the same whole numbers."""
    exact = max(-numeric.low, numeric.high) < _EXACT
    return isinstance(numeric, IntUniform | LogIntUniform) and numeric.step == 1 and exact


def _grid(numeric: Numeric) -> Grid | None:
    """The grid whose places are asked for, where values are asked for by place."""
    grid = numeric.grid if isinstance(numeric, IntUniform | Uniform) else None
    return grid if grid is not None and grid.last < _EXACT else None
