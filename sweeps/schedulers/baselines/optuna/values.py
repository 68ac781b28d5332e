"""Our distributions in Optuna's terms: its own where it has one alike, else a number in our unit scale."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sweeps.space import (
    Choice,
    Distribution,
    IntUniform,
    LogIntUniform,
    LogUniform,
    Numeric,
    Scalar,
    Uniform,
    Value,
)

_EXACT = 2**53  # beyond, Optuna's floats do not tell whole numbers apart

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


def asked_as(distribution: Distribution, value: Value) -> Scalar:
    """What Optuna is to answer when `suggest` asks it, for this value of a distribution with so many and no
    more."""
    if isinstance(distribution, Choice):
        by_place = distribution.ordered or any(isinstance(value, list) for value in distribution.values)
        return distribution.values.index(value) if by_place else cast("Scalar", value)
    if isinstance(distribution, Numeric) and _is_alike(distribution):
        return cast("int", value)
    if isinstance(distribution, Numeric) and _is_grid(distribution):
        return round((cast("float", value) - distribution.low) / (distribution.step or 1))
    return distribution.to_unit(value)


def _choice(trial: Trial, name: str, choice: Choice) -> Value:
    """By its place in the list where Optuna has nothing alike: ordered choices, and lists as choices."""
    places = range(len(choice.values))
    if choice.ordered:
        return choice.values[int(trial.suggest_int(name, 0, places[-1]))]
    if any(isinstance(value, list) for value in choice.values):
        return choice.values[int(trial.suggest_categorical(name, places))]
    scalars = cast("tuple[Scalar, ...]", choice.values)
    return cast("Scalar", trial.suggest_categorical(name, scalars))


def _number(trial: Trial, name: str, numeric: Numeric) -> Value | None:
    """A value from the distribution of Optuna's that is alike; None if there is none."""
    low, high = numeric.low, numeric.high
    log = isinstance(numeric, LogUniform | LogIntUniform)
    if isinstance(numeric, Uniform | LogUniform) and numeric.step is None:
        value = float(trial.suggest_float(name, low, high, log=log))
        return min(max(value, float(low)), float(high))
    if _is_alike(numeric):
        return int(trial.suggest_int(name, int(low), int(high), log=log))
    if _is_grid(numeric):
        return numeric.grid_value(int(trial.suggest_int(name, 0, numeric.last_index)))
    return None


def _is_alike(numeric: Numeric) -> bool:
    """Whether Optuna has the same whole numbers."""
    exact = max(-numeric.low, numeric.high) < _EXACT
    return isinstance(numeric, IntUniform | LogIntUniform) and numeric.step == 1 and exact


def _is_grid(numeric: Numeric) -> bool:
    """Whether values are asked for by their place on the grid."""
    return isinstance(numeric, IntUniform | Uniform) and numeric.last_index < _EXACT
