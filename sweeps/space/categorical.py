"""Hyperparameters chosen from a list, and fixed values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sweeps.errors import BadInput
from sweeps.space.distribution import Distribution, Value, as_plain, check_same_type, check_storable


@dataclass(frozen=True)
class Choice(Distribution):
    """One of the listed values, each owning an equal cell of the unit interval.

    ordered: neighbours in the list are alike (batch sizes, say), so a region may be a run of them.
    Raises `BadInput` on an empty list, a repeated value, or values that no one table column can hold.
    """

    values: Sequence[Value]
    ordered: bool = False

    kind: ClassVar[str] = "choice"

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "values", as_plain(self.values))
        if not isinstance(self.values, list | tuple) or not self.values:
            raise BadInput(
                self.kind, self.values, "must be a list of at least one value", "write choice: [16, 32]"
            )
        check_same_type(self.kind, self.values)
        if any(value in self.values[:i] for i, value in enumerate(self.values)):
            raise BadInput(self.kind, list(self.values), "lists a value twice", "remove the repeat")
        if not isinstance(self.ordered, bool):
            raise BadInput("ordered", self.ordered, "must be true or false")
        object.__setattr__(self, "values", tuple(self.values))

    def from_unit(self, unit: float) -> Value:
        index = int(min(max(unit, 0.0), 1.0) * len(self.values))
        return self.values[min(index, len(self.values) - 1)]

    def to_unit(self, value: Value) -> float:
        if value not in self:
            raise BadInput(self.kind, value, f"must be one of {list(self.values)}")
        return (self.values.index(value) + 0.5) / len(self.values)

    def __contains__(self, value: object) -> bool:
        return value in self.values

    @property
    def fixed(self) -> bool:
        return len(self.values) == 1

    @property
    def size(self) -> int:
        return len(self.values)

    def settings(self) -> dict[str, Any]:
        return {self.kind: list(self.values), **({"ordered": True} if self.ordered else {})}


@dataclass(frozen=True)
class Fixed(Distribution):
    """A value that the sweep passes on and does not search."""

    value: Value

    kind: ClassVar[str] = "fixed"

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "value", as_plain(self.value))
        check_storable(self.kind, self.value)

    def from_unit(self, unit: float) -> Value:
        return self.value

    def to_unit(self, value: Value) -> float:
        if value != self.value:
            raise BadInput(self.kind, value, f"must be {self.value!r}")
        return 0.5

    def __contains__(self, value: object) -> bool:
        return value == self.value

    @property
    def fixed(self) -> bool:
        return True

    @property
    def size(self) -> int:
        return 1

    def settings(self) -> dict[str, Any]:
        return {self.kind: self.value}

    def to_yaml(self) -> Any:
        return super().to_yaml() if self.when else self.value
