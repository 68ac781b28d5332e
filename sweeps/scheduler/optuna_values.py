"""Our distributions in Optuna's terms: its own where it has one alike, else a number in our unit scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias, cast

from sweeps.space import (
    Choice,
    Distribution,
    IntUniform,
    LogIntUniform,
    LogUniform,
    Numeric,
    Uniform,
    Value,
)

_EXACT = 2**53  # beyond, Optuna's floats do not tell whole numbers apart

_Plain: TypeAlias = bool | int | float | str | None
_OPTUNAS = (bool, int, float, str, type(None))

if TYPE_CHECKING:
    from optuna.trial import Trial


def suggest(trial: Trial, name: str, distribution: Distribution) -> Value:
    """Ask Optuna for the value of one hyperparameter; a fixed one is not asked for."""
    if distribution.fixed:
        return distribution.from_unit(0.5)
    if isinstance(distribution, Choice):
        return _choice(trial, name, distribution)
    value = _number(trial, name, distribution) if isinstance(distribution, Numeric) else None
    return distribution.from_unit(float(trial.suggest_float(name, 0, 1))) if value is None else value


def _choice(trial: Trial, name: str, choice: Choice) -> Value:
    """By its place in the list where Optuna has nothing alike: ordered choices, lists, enums, 1 with 1.0."""
    places = range(len(choice.values))
    if choice.ordered:
        return choice.values[int(trial.suggest_int(name, 0, places[-1]))]
    if any(type(value) not in _OPTUNAS for value in choice.values) or _merged(choice):
        return choice.values[int(trial.suggest_categorical(name, places))]
    scalars = cast("tuple[_Plain, ...]", choice.values)
    return trial.suggest_categorical(name, scalars)


def _merged(choice: Choice) -> bool:
    """Whether Optuna, which compares by ==, would take two of the values for one."""
    return len(set(choice.values)) < len(choice.values)


def _number(trial: Trial, name: str, numeric: Numeric) -> Value | None:
    """A value from the distribution of Optuna's that is alike; None if there is none."""
    low, high, step = numeric.low, numeric.high, numeric.step
    log = isinstance(numeric, LogUniform | LogIntUniform)
    if isinstance(numeric, Uniform | LogUniform) and step is None:
        value = float(trial.suggest_float(name, low, high, log=log))
        return min(max(value, float(low)), float(high))
    if isinstance(numeric, IntUniform | LogIntUniform) and step == 1 and max(-low, high) < _EXACT:
        return int(trial.suggest_int(name, int(low), int(high), log=log))
    grid = numeric.grid
    if isinstance(numeric, IntUniform | Uniform) and grid is not None and grid.last < _EXACT:
        return grid.at(int(trial.suggest_int(name, 0, grid.last)))
    return None
