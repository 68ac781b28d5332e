"""From what a person writes, such as learning_rate=3e-4 or l2=*2, to a config that may be trained on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sweeps.errors import BadInput, choices, in_words, shown
from sweeps.execution import Trainable
from sweeps.space import Choice, Config, Distribution, Fixed, Numeric, Space, Value, as_stored, differing
from sweeps.sweep.planning.checks import as_bad_input

_FIX = "write a value, as in learning_rate=3e-4, or a factor, as in l2=*2 or l2=/10"


@dataclass(frozen=True)
class Rules:
    """What may be changed.

    Args:
        space: Whose ranges bound what they are of; what it holds fixed has no bounds.
        train: The trainable, whose own checks are asked.
        data: What it trains on; None where they are not at hand, and only the config is checked.
    """

    space: Space
    train: Trainable
    data: Any = None


def changed(values: Mapping[str, Any], config: Config, trained: Config, rules: Rules) -> Config:
    """The config with new values.

    Args:
        values: By name: a value, or "*2" or "/10" of what it has.
        config: What it is now. trained: What the checkpoint was trained with, from which it goes on.
        rules: What may be changed.

    Raises:
        BadInput: A name or a value that cannot be; the place is the hyperparameter's name.
    """
    known = frozenset(getattr(rules.train, "hyperparameters", ())) or {*config, *rules.space.distributions}
    found = dict(config)
    for name, form in values.items():
        if name not in known:
            raise BadInput(name, form, "is not a hyperparameter of this trainable", choices(known, name))
        found[name] = _within(name, _storable(name, _value(name, form, config)), rules.space)
    _ask(rules, "check", found, rules.data)
    _ask(rules, "check_change", trained, found)
    return found


def clipped(values: Mapping[str, Any], config: Config, space: Space) -> dict[str, Any]:
    """The values that change something within the space's bounds; of what is beyond a bound, the bound.

    >>> clipped({"rate": "*3", "l2": "/10"}, {"rate": 0.5, "l2": 0.1}, Space({"rate": {"log": [0.1, 1]}}))
    {'rate': 1.0, 'l2': '/10'}
    """
    found: dict[str, Any] = {}
    for name, form in values.items():
        given = space.distributions.get(name)
        try:
            value = _value(name, form, config)
        except BadInput:
            continue
        if isinstance(given, Numeric) and value not in given and isinstance(value, int | float):
            value = form = given.from_unit(0.0 if value < given.low else 1.0)
        if value != config.get(name) and not (isinstance(given, Choice) and value not in given):
            found[name] = form
    return found


def described(before: Config, after: Config) -> str:
    """What differs between two configs, in words.

    >>> described({"rate": 0.1, "l2": 0.0}, {"rate": 0.05, "l2": 0.0})
    'rate 0.1 → 0.05'
    """
    names = differing(before, after)
    return ", ".join(f"{name} {said(before, name)} → {said(after, name)}" for name in names)


def said(config: Config, name: str) -> str:
    """A value of a config in words."""
    value = as_stored(config.get(name))
    if isinstance(value, str):
        return in_words(value)
    return f"{value:.6g}" if isinstance(value, float) else "default" if value is None else str(value)


def _value(name: str, form: Any, config: Config) -> Value:
    """The value that was written, or that a factor makes of the one there is."""
    if not isinstance(form, str) or form[:1] not in ("*", "/"):
        value: Value = form
        return value
    factor, old = _number(name, form), config.get(name)
    if isinstance(old, bool) or not isinstance(old, int | float):
        rule = f"is a factor, and {name} is {'at its default' if old is None else shown(old)}"
        raise BadInput(name, form, rule, f"write its value: {name}=…")
    new = old * factor if form[0] == "*" else old / factor
    return round(new) if isinstance(old, int) and (isinstance(factor, int) or new == round(new)) else new


def _number(name: str, form: str) -> float:
    try:
        factor = float(form[1:])
    except ValueError:
        raise BadInput(name, form, "is no factor", _FIX) from None
    if not 0 < factor < float("inf"):
        raise BadInput(name, form, "is no factor above 0", _FIX)
    return int(factor) if factor == int(factor) else factor


def _storable(name: str, value: Value) -> Value:
    """The value, where the log can keep it: an event that cannot be read would end the run for good."""
    if isinstance(value, float) and math.isinf(value):
        raise BadInput(name, value, "is no finite number", _FIX)
    try:
        return Fixed(value).value
    except BadInput as error:
        raise BadInput(name, error.value, error.rule, error.fix or _FIX) from None


def _within(name: str, value: Value, space: Space) -> Value:
    given = space.distributions.get(name)
    if not isinstance(given, Numeric | Choice):
        return _like(name, value, given)
    if value not in given:
        rule = "is outside of what the space holds"
        raise BadInput(name, as_stored(value), rule, f"choose a value of {given.to_yaml()}")
    return given.own(value)


def _like(name: str, value: Value, given: Distribution | None) -> Value:
    """The value, where it is not text in place of a number that the space holds fixed: a slip of the pen."""
    old = given.value if isinstance(given, Fixed) else None
    if isinstance(value, str) and isinstance(old, int | float) and not isinstance(old, bool):
        rule = f"is text, and the space has the number {shown(old)}"
        raise BadInput(
            name, value, rule, f"write a number; or name both in the space, {name}: [{old}, {value}]"
        )
    return value


def _ask(rules: Rules, hook: str, *given: Any) -> None:
    check = getattr(rules.train, hook, None)
    try:
        if check is not None:
            check(*given)
    except ValueError as error:
        raise as_bad_input(error, "") from error
