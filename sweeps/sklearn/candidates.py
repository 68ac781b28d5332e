"""What a search may try: our space of what scikit-learn's users write, and the parameters of a config."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, MappingView, Sequence, Set
from dataclasses import replace
from typing import Any

import numpy as np

from sweeps.errors import BadInput, choices, in_words
from sweeps.space import Choice, Config, Distribution, IntUniform, LogUniform, Space, Uniform
from sweeps.space.parse import parse_distribution

_PLAIN = (bool, int, float, str, type(None))
_TAIL = 1e-4  # of a distribution without ends, the part beyond that is left out at either side

Decode = Callable[[Any], Any]


class Candidates:
    """The space of a search, and the parameters that each of its configs stands for.

    Args:
        forms: Parameter → a distribution of ours or its form in a spec, a frozen distribution of
            `scipy.stats`, a list of choices, or one value.
        valid: The names of the estimator's parameters.
        owner: The estimator's name, for messages.

    Attributes:
        space: What the scheduler searches. What no table could hold stands there as text.

    Raises:
        BadInput: On a name that the estimator does not have, or a form that is none of these.

    Examples:
        >>> candidates = Candidates({"sizes": [(8,), (8, 8)]}, ["sizes"], "Net")
        >>> candidates.params(candidates.space.config(np.array([0.9])))
        {'sizes': (8, 8)}
    """

    def __init__(self, forms: Mapping[str, Any], valid: Iterable[str], owner: str) -> None:
        if not isinstance(forms, Mapping) or not forms:
            fix = 'write {"learning_rate": sweeps.LogUniform(0.01, 1), "max_depth": [2, 4, 8]}'
            raise BadInput("space", forms, "must map at least one parameter to its values", fix)
        _check_names(forms, frozenset(valid), owner)
        self._names = {f"p{i}" if not name.isidentifier() else name: name for i, name in enumerate(forms)}
        inner = {name: own for own, name in self._names.items()}
        self._decode: dict[str, Decode] = {}
        distributions = {inner[name]: self._read(inner[name], name, form) for name, form in forms.items()}
        self.space = Space({own: _renamed(d, inner) for own, d in distributions.items()})

    def params(self, config: Config) -> dict[str, Any]:
        """A config as `set_params` takes it."""
        return {
            self._names[own]: self._decode[own](value) if own in self._decode else value
            for own, value in config.items()
        }

    def _read(self, own: str, name: str, form: Any) -> Distribution:
        try:
            distribution, decode = _read(form)
        except BadInput as error:
            raise error.within(f"space.{name}") from None
        if decode is not None:
            self._decode[own] = decode
        return distribution


def _check_names(forms: Mapping[str, Any], valid: frozenset[str], owner: str) -> None:
    """A parameter of a step that is itself searched may be one of its choices' own."""
    for name, form in forms.items():
        step, nested, _ = str(name).rpartition("__")
        if name not in valid and not (nested and step in forms):
            raise BadInput(f"space.{name}", form, f"is no parameter of {owner}", choices(valid, name))


def _renamed(distribution: Distribution, inner: Mapping[str, str]) -> Distribution:
    if all(inner.get(parent, parent) == parent for parent in distribution.when):
        return distribution
    when = {inner.get(parent, parent): values for parent, values in distribution.when.items()}
    return replace(distribution, when=when)


def _read(form: Any) -> tuple[Distribution, Decode | None]:
    if isinstance(form, Distribution | Mapping):
        return parse_distribution(form), None
    if hasattr(form, "rvs"):
        return _of_scipy(form)
    if isinstance(form, Set | MappingView | Iterator):
        raise BadInput("", form, "has no order, or can be read only once", "write a list of its values")
    listed = isinstance(form, Sequence) and not isinstance(form, str | bytes)
    if listed or (hasattr(form, "tolist") and np.ndim(form)):  # an array, or a column of a table
        if not len(form):
            raise BadInput("", form, "has no value", "list at least one")
        return _of_list(list(form))
    return _of_list([form])


def _of_scipy(frozen: Any) -> tuple[Distribution, Decode | None]:
    """In its own scale where we have that one; any other by its quantiles."""
    if not hasattr(frozen, "ppf"):
        raise BadInput("", frozen, "has no quantiles (ppf)", "write sweeps.Uniform(low, high) or LogUniform")
    name, (low, high) = getattr(getattr(frozen, "dist", None), "name", ""), _ends(frozen)
    if name in ("loguniform", "reciprocal") and np.isclose(frozen.ppf(0.5) ** 2, low * high):
        return LogUniform(float(low), float(high)), None
    if name == "uniform":
        return Uniform(float(low), float(high)), None
    if name == "randint":
        least, most = int(low), int(high)
        return (IntUniform(least, most) if least < most else Choice([least])), None
    return Uniform(0.0, 1.0), _Quantile(frozen)


def _ends(frozen: Any) -> tuple[Any, Any]:
    """Raises `BadInput` where it has none: scipy objects to its parameters only when it is asked."""
    try:
        low, high = frozen.support()
        known = not np.isnan([float(low), float(high), float(frozen.ppf(0.5))]).any()
    except (TypeError, ValueError, OverflowError):
        known = False
    if not known:
        rule = "has no values: scipy does not allow its parameters, or they are too large or several"
        raise BadInput("", frozen, rule, "write sweeps.Uniform(low, high) or another, or mend its parameters")
    return low, high


class _Quantile:
    """The value of a distribution at a part of its probability."""

    def __init__(self, frozen: Any) -> None:
        self._frozen = frozen
        self._low, self._high = (
            edge if not np.isfinite(end) else limit
            for end, edge, limit in zip(frozen.support(), (_TAIL, 1 - _TAIL), (0.0, 1.0), strict=True)
        )

    def __call__(self, part: float) -> Any:
        value = self._frozen.ppf(min(max(part, self._low), self._high))
        return int(value) if hasattr(self._frozen, "pmf") else float(value)


def _of_list(values: Sequence[Any]) -> tuple[Distribution, Decode | None]:
    """Choices. Numbers in order are like their neighbours; what no table can hold gets a name."""
    plain = [value.item() if isinstance(value, np.generic) else value for value in values]
    if all(type(value) in _PLAIN for value in plain):
        try:
            distinct = list({(type(value), value): value for value in plain}.values())  # 1 is not 1.0
            return Choice(distinct, ordered=_in_order(distinct)), None
        except BadInput:
            pass  # such as nan, or more than 64 bits
    named = _named(plain)
    return Choice(list(named)), named.__getitem__


def _in_order(values: Sequence[Any]) -> bool:
    if len(values) < 3 or not all(type(value) in (int, float) for value in values):
        return False
    steps = np.diff(np.asarray(values, dtype=float))
    return bool(np.all(steps > 0) or np.all(steps < 0))


def _named(values: Sequence[Any]) -> dict[str, Any]:
    named: dict[str, Any] = {}
    for value in values:
        name = in_words(" ".join(repr(value).split()))
        named[name if name not in named else f"{name} #{len(named)}"] = value
    return named
