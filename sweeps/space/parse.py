"""Reads one hyperparameter's distribution from its YAML form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sweeps.errors import BadInput, choices, shown
from sweeps.space.categorical import Choice, Fixed
from sweeps.space.distribution import Distribution
from sweeps.space.numeric import IntUniform, LogIntUniform, LogUniform, Numeric, ReverseLogUniform, Uniform
from sweeps.space.value import as_stored

NUMERIC: dict[str, type[Numeric]] = {
    kind.kind: kind for kind in (Uniform, LogUniform, ReverseLogUniform, IntUniform, LogIntUniform)
}
_OF_ALL = {"when", "before"}
_OPTIONS = {
    **{kind: {"step", "likely"} | _OF_ALL for kind in NUMERIC},
    "choice": {"ordered", "likely"} | _OF_ALL,
    "fixed": _OF_ALL,
}


def parse_distribution(form: Any) -> Distribution:
    """A distribution from ``{log: [1e-5, 1]}``, ``{choice: [a, b]}``, …, or a plain value.

    Raises `BadInput` whose place is relative to the hyperparameter.
    """
    if isinstance(form, Distribution):
        return form
    if isinstance(form, tuple):
        rule = "is a tuple, which may be meant as a range, as choices or as a list"
        raise BadInput(
            "", form, rule, f"{instead_of_list(form)}; a list, {shown(list(form))}, is passed on as it is"
        )
    if not isinstance(form, Mapping):
        return _at_top(lambda: Fixed(form))
    kind = _kind_of(form)
    options = {name: value for name, value in form.items() if name != kind}
    for name in options:
        if name not in _OPTIONS[kind]:
            raise BadInput(
                str(name), form[name], f"is not an option of {kind}", choices(_OPTIONS[kind], str(name))
            )
    if kind in NUMERIC:
        low, high = _pair(kind, form[kind])
        return NUMERIC[kind](low, high, **options)
    return Choice(form[kind], **options) if kind == "choice" else Fixed(form[kind], **options)


def instead_of_list(values: Sequence[Any]) -> str:
    """What to write where a list stands that may be meant as a range or as choices.

    >>> instead_of_list([1e-3, 0.1])
    'write {log: [0.001, 0.1]} or {uniform: [0.001, 0.1]} for a range, {choice: [0.001, 0.1]} for one of them'
    """
    said = shown(as_stored(list(values)))
    choice = f"{{choice: {said}}} for one of them"
    ends = values if len(values) == 2 and all(_is_number(value) for value in values) else None
    if ends is None or not ends[0] < ends[1]:
        return f"write {choice}"
    whole = all(isinstance(end, int) for end in ends) and ends[1] - ends[0] > 1
    ways = [kind for kind, fits in (("int", whole), ("log", ends[0] > 0), ("uniform", True)) if fits][:2]
    return f"write {' or '.join(f'{{{way}: {said}}}' for way in ways)} for a range, {choice}"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _kind_of(form: Mapping[Any, Any]) -> str:
    kinds = [name for name in form if name in _OPTIONS]
    if len(kinds) == 1:
        return str(kinds[0])
    rule = "names no distribution" if not kinds else f"names several distributions, {' and '.join(kinds)}"
    first = next((str(name) for name in form), None)
    raise BadInput("", dict(form), rule, choices(_OPTIONS, first))


def _pair(kind: str, ends: Any) -> tuple[Any, Any]:
    if not isinstance(ends, list | tuple) or len(ends) != 2:
        raise BadInput(kind, ends, "must be two numbers", f"write {kind}: [low, high]")
    return ends[0], ends[1]


def _at_top(make: Callable[[], Distribution]) -> Distribution:
    try:
        return make()
    except BadInput as error:
        raise BadInput("", error.value, error.rule, error.fix) from None
