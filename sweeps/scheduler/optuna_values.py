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
    low, high, step = numeric.low, numeric.high, numeric.step
    log = isinstance(numeric, LogUniform | LogIntUniform)
    if isinstance(numeric, Uniform | LogUniform) and step is None:
        value = float(trial.suggest_float(name, low, high, log=log))
        return min(max(value, float(low)), float(high))
    if isinstance(numeric, IntUniform | LogIntUniform) and step == 1 and max(-low, high) < _EXACT:
        return int(trial.suggest_int(name, int(low), int(high), log=log))
    if isinstance(numeric, IntUniform | Uniform) and numeric.last_index < _EXACT:
        return numeric.grid_value(int(trial.suggest_int(name, 0, numeric.last_index)))
    return None
