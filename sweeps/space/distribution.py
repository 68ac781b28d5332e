"""What every hyperparameter's distribution offers: a map to and from the unit interval."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeAlias

import numpy as np

from sweeps.errors import BadInput, choices

Scalar: TypeAlias = bool | int | float | str
Value: TypeAlias = Scalar | list[Any]
Condition: TypeAlias = Mapping[str, Sequence[Scalar]]

STORABLE = "true/false, whole numbers, numbers, text, or lists of one of these"


@dataclass(frozen=True, kw_only=True)
class Distribution(ABC):
    """One hyperparameter's values, laid out along the unit interval in their own scale.

    when: the hyperparameter exists only while each named parent has one of the given values,
        such as ``{"optimizer": ["momentum"]}``; a single value may stand without its list.
    """

    kind: ClassVar[str]
    when: Condition = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.when, Mapping):
            raise BadInput(
                "when", self.when, "must map a parent to its values", "write when: {optimizer: momentum}"
            )
        lists = {name: v if isinstance(v, list | tuple) else [v] for name, v in self.when.items()}
        object.__setattr__(self, "when", {name: tuple(v) for name, v in lists.items()})

    @abstractmethod
    def from_unit(self, unit: float) -> Value:
        """The value at a coordinate in [0, 1]; coordinates outside are clipped."""

    @abstractmethod
    def to_unit(self, value: Value) -> float:
        """A coordinate whose `from_unit` is the value."""

    @abstractmethod
    def __contains__(self, value: object) -> bool:
        """Whether `from_unit` can give this value."""

    @property
    @abstractmethod
    def fixed(self) -> bool:
        """Whether there is but one value, so nothing to search."""

    @property
    @abstractmethod
    def size(self) -> int | None:
        """How many values there are; None for a continuous range."""

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """The YAML form, without the condition."""

    def to_yaml(self) -> Any:
        """The form a spec file holds; `parse_distribution` reads it back."""
        form = self.settings()
        if self.when:
            form["when"] = {name: list(v) for name, v in self.when.items()}
        return form


def as_plain(value: Any) -> Any:
    """NumPy's scalars and arrays as Python's own; anything else as it is."""
    if isinstance(value, list | tuple):
        return [as_plain(item) for item in value]
    return value.tolist() if isinstance(value, np.generic | np.ndarray) else value


def check_storable(place: str, value: object) -> None:
    """Raise `BadInput` unless a table column can hold the value and give it back."""
    items = value if isinstance(value, list) else [value]
    if any(isinstance(item, int) and not -(2**63) <= item < 2**63 for item in items):
        raise BadInput(
            place, value, "does not fit into 64 bits", "write it as a decimal number, such as 1e20"
        )
    if any(isinstance(item, float) and math.isnan(item) for item in items):
        raise BadInput(place, value, "is no value that could be compared", "leave it out, or name it in text")
    if items and all(isinstance(item, bool | int | float | str) for item in items):
        _check_one_type(place, items, value)
        return
    raise BadInput(
        place,
        value,
        f"cannot be stored in a table; a config holds {STORABLE}",
        "give each choice a name and look the object up inside the trainable",
    )


def check_same_type(place: str, values: Sequence[Value]) -> None:
    """Raise `BadInput` unless one typed column can hold all values (ints may join floats)."""
    for value in values:
        check_storable(place, value)
    listed = {isinstance(value, list) for value in values}
    flat = [item for value in values for item in (value if isinstance(value, list) else [value])]
    if len(listed) > 1:
        raise BadInput(place, list(values), "mixes lists with single values", "write every choice as a list")
    _check_one_type(place, flat, list(values))


def unknown_parent(name: str, parents: Sequence[str]) -> BadInput:
    """The error for a condition on a hyperparameter that is not in the space."""
    return BadInput("when", name, "is not a hyperparameter of this space", choices(parents, name))


def _check_one_type(place: str, items: Sequence[object], value: object) -> None:
    types = {float if type(item) is int else type(item) for item in items}
    if len(types) > 1:
        names = ", ".join(sorted({type(item).__name__ for item in items}))
        raise BadInput(
            place,
            value,
            f"mixes the types {names}, and a table column has one",
            "write all as numbers or all as text (in YAML, quote text that looks like a number)",
        )
