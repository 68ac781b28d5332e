"""Hyperparameters chosen from a list, and fixed values."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from sweeps.errors import BadInput, shown
from sweeps.space.distribution import Distribution, Unsaid
from sweeps.space.value import Value, as_plain, as_stored, check_value, exactly, loosely


@dataclass(frozen=True)
class Choice(Distribution):
    """One of the listed values, each with an equal cell of the unit interval.

    The trainable gets a value in the type that is listed, members of an enum included: 1, 1.0 and True are
    three choices. NumPy's scalars become Python's own, and tuples lists. Tables and specs keep the
    value of an enum's member, since whoever reads them may not have the class.

    Attributes:
        values: Booleans, whole numbers, numbers, texts, None, members of an enum, or lists of these.
        ordered: Whether neighbours in the list are alike (batch sizes, say), so that a region may be a run
            of them.

    Raises:
        BadInput: On an empty list, a repeated value, or one that no table can hold.

    Examples:
        >>> Choice(["adam", "sgd", None]).from_unit(0.99) is None
        True
    """

    values: Sequence[Value]
    ordered: bool = False

    kind: ClassVar[str] = "choice"

    def __post_init__(self) -> None:
        super().__post_init__()
        values = as_plain(self.values)
        if not isinstance(values, list) or not values:
            raise BadInput(
                self.kind, self.values, "must be a list of at least one value", "write choice: [16, 32]"
            )
        for value in values:
            check_value(self.kind, value)
        if not isinstance(self.ordered, bool):
            raise BadInput("ordered", self.ordered, "must be true or false")
        object.__setattr__(self, "values", tuple(values))
        if len(self._places) < len(values):
            raise self._repeated(values)
        self._check_likely()

    def from_unit(self, unit: float) -> Value:
        index = int(min(max(unit, 0.0), 1.0) * len(self.values))
        value: Value = as_plain(self.values[min(index, len(self.values) - 1)])  # a list is the caller's own
        return value

    def to_unit(self, value: Value) -> float:
        place = self._place(value)
        if place is None:
            raise BadInput(self.kind, value, f"must be one of {shown(list(self.values))}")
        return (place + 0.5) / len(self.values)

    def own(self, value: Value) -> Value:
        return self.from_unit(self.to_unit(value))

    def __contains__(self, value: object) -> bool:
        return self._place(value) is not None

    @property
    def fixed(self) -> bool:
        return len(self.values) == 1

    @property
    def size(self) -> int:
        return len(self.values)

    def settings(self) -> dict[str, Any]:
        return {self.kind: as_stored(list(self.values)), **({"ordered": True} if self.ordered else {})}

    def _repeated(self, values: list[Value]) -> BadInput:
        place = next(i for i, value in enumerate(values) if self._places[exactly(value)] != i)
        first, again = values[self._places[exactly(values[place])]], values[place]
        if type(first) is type(again):
            return BadInput(self.kind, values, f"lists a value twice, {shown(again)}", "remove the repeat")
        rule = f"lists {shown(first)} and {shown(again)}, which a table stores alike"
        return BadInput(self.kind, values, rule, "remove one of them")

    def _place(self, value: object) -> int | None:
        """Where the value stands: itself, or else the first number that equals it."""
        loose = self._loose_places.get(loosely(value))
        return self._places.get(exactly(value), loose)

    @cached_property
    def _places(self) -> dict[Hashable, int]:
        return {exactly(value): i for i, value in reversed(list(enumerate(self.values)))}

    @cached_property
    def _loose_places(self) -> dict[Hashable, int]:
        return {loosely(value): i for i, value in reversed(list(enumerate(self.values)))}


@dataclass(frozen=True)
class Fixed(Distribution):
    """A value that the sweep passes on and does not search; a plain value in a space stands for it.

    Attributes:
        value: What the trainable gets; of the same kinds as the values of a `Choice`.

    Raises:
        BadInput: On a value that no table can hold.

    Examples:
        >>> Fixed([64, 32]).from_unit(0.3)
        [64, 32]
    """

    value: Value

    kind: ClassVar[str] = "fixed"

    def __post_init__(self) -> None:
        super().__post_init__()
        check_value(self.kind, as_plain(self.value))
        object.__setattr__(self, "value", as_plain(self.value))

    def from_unit(self, unit: float) -> Value:
        value: Value = as_plain(self.value)  # a list is the caller's own
        return value

    def to_unit(self, value: Value) -> float:
        if value not in self:
            raise BadInput(self.kind, value, f"must be {shown(self.value)}")
        return 0.5

    def own(self, value: Value) -> Value:
        return self.value

    def __contains__(self, value: object) -> bool:
        return loosely(value) == loosely(self.value)

    @property
    def fixed(self) -> bool:
        return True

    @property
    def size(self) -> int:
        return 1

    def settings(self) -> dict[str, Any]:
        return {self.kind: as_stored(self.value)}

    def to_yaml(self) -> Any:
        is_plain = not self.when and isinstance(self.before, Unsaid)
        return as_stored(self.value) if is_plain else super().to_yaml()
