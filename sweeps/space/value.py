"""The values that a config may hold: how they are told apart, and the plain form that files keep of them."""

from __future__ import annotations

import json
import math
from collections.abc import Hashable, Iterable, Mapping
from enum import Enum
from typing import Any, TypeAlias

import numpy as np

from sweeps.errors import BadInput

Scalar: TypeAlias = bool | int | float | str | Enum | None
Value: TypeAlias = Scalar | list[Any]
Config: TypeAlias = dict[str, Value]

_STORABLE = "true/false, whole numbers, numbers, text, null, members of an enum, or lists of these"


def as_plain(value: Any) -> Any:
    """NumPy's scalars and arrays as Python's own, tuples as new lists; anything else as it is."""
    if isinstance(value, list | tuple):
        return [as_plain(item) for item in value]
    return value.tolist() if isinstance(value, np.generic | np.ndarray) else value


def differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """The names that two configs have other values of, in order; None is as good as missing.

    >>> differing({"rate": 0.1, "l2": 0.0}, {"rate": 0.05, "l2": 0.0, "kind": "a"})
    ['rate', 'kind']
    """
    return [name for name in {**before, **after} if before.get(name) != after.get(name)]


def as_stored(value: Any) -> Any:
    """The form that specs and tables keep: of an enum's member its value, of a subclass of text its text.

    Another process reads this form back; it may lack the user's classes.

    >>> from enum import Enum
    >>> as_stored([Enum("Colour", {"RED": "red"}).RED, 1, None])
    ['red', 1, None]
    """
    if isinstance(value, Enum):
        return as_stored(value.value)
    if isinstance(value, list | tuple):
        return [as_stored(item) for item in value]
    plain = as_plain(value)
    if type(plain) in (str, bool, int, float):
        return plain
    # A subclass may make something else of str(value).
    if isinstance(plain, str):
        return str.__str__(plain)
    if isinstance(plain, int):
        return int.__int__(plain)
    return float.__float__(plain) if isinstance(plain, float) else plain


def stored_config(config: Mapping[str, Value]) -> dict[str, Any]:
    """A config in the form that specs and tables keep."""
    return {name: as_stored(value) for name, value in config.items()}


def config_text(config: Mapping[str, Value]) -> str:
    """A config as a line of JSON, which tells 1 from 1.0 and null from what is left out.

    Equal configs have equal texts; `json.loads` gives the config back, enum members as their values.

    >>> config_text({"max_features": 1, "clip_norm": None})
    '{"max_features": 1, "clip_norm": null}'
    """
    return json.dumps(stored_config(config), ensure_ascii=False)


def exactly(value: Any) -> Hashable:
    """What two values share that are the same to a trainable: 1, 1.0 and True are three values."""
    return _key(as_stored(value))


def loosely(value: Any) -> Hashable:
    """What two values share that users take for the same: 1 and 1.0, but not True."""
    return _key(as_stored(value), number=(int, float))


def is_among(value: Any, values: Iterable[Any]) -> bool:
    """Whether a value is one of these, exactly.

    >>> is_among(1, [1.0, 2.0]), is_among([64], [[64], [32]])
    (False, True)
    """
    return exactly(value) in map(exactly, values)


def check_value(place: str, value: Any) -> None:
    """Raise `BadInput` unless a table and a spec can hold the value and give it back."""
    for item in _scalars(as_stored(value)):
        if isinstance(item, int) and not -(2**63) <= item < 2**63:
            fix = "write it as a decimal number, such as 1e20"
            raise BadInput(place, value, "does not fit into 64 bits", fix)
        if isinstance(item, float) and math.isnan(item):
            fix = "leave it out, or name it in text"
            raise BadInput(place, value, "is no value that could be compared", fix)
        if isinstance(item, str) and any("\ud800" <= letter <= "\udfff" for letter in item):
            raise BadInput(place, value, "holds half a character and cannot be written", "write whole text")
        if item is not None and not isinstance(item, bool | int | float | str):
            fix = "give each choice a name and look the object up inside the trainable"
            raise BadInput(place, value, f"cannot be stored in a table; a config holds {_STORABLE}", fix)


def _key(stored: Any, number: type | tuple[type, ...] = ()) -> Hashable:
    if isinstance(stored, list):
        return tuple(_key(item, number) for item in stored)
    counts = isinstance(stored, number) and not isinstance(stored, bool)
    return "number" if counts else type(stored), stored


def _scalars(stored: Any) -> Iterable[Any]:
    if not isinstance(stored, list):
        return (stored,)
    return (scalar for item in stored for scalar in _scalars(item))
