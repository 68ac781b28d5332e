"""Reads one hyperparameter's distribution from its YAML form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sweeps.errors import BadInput, choices
from sweeps.space.categorical import Choice, Fixed
from sweeps.space.distribution import Distribution
from sweeps.space.numeric import IntUniform, LogIntUniform, LogUniform, Numeric, ReverseLogUniform, Uniform

NUMERIC: dict[str, type[Numeric]] = {
    kind.kind: kind for kind in (Uniform, LogUniform, ReverseLogUniform, IntUniform, LogIntUniform)
}
_OPTIONS = {**{kind: {"step", "when"} for kind in NUMERIC}, "choice": {"ordered", "when"}, "fixed": {"when"}}


def parse_distribution(form: Any) -> Distribution:
    """A distribution from ``{log: [1e-5, 1]}``, ``{choice: [a, b]}``, …, or a plain value.

    Raises `BadInput` whose place is relative to the hyperparameter.
    """
    if isinstance(form, Distribution):
        return form
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
