"""What every hyperparameter's distribution offers: a map to and from the unit interval."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from typing import Any, ClassVar, Self, TypeAlias

from sweeps.errors import BadInput, choices
from sweeps.space.value import Value, as_plain, as_stored, check_value, exactly

Condition: TypeAlias = Mapping[str, Sequence[Value]]


class Unsaid(Enum):
    """Stands for a value that nobody gave, where None is one."""

    UNSAID = "unsaid"


@dataclass(frozen=True, kw_only=True)
class Distribution(ABC):
    """One hyperparameter's values, laid out along the unit interval in their own scale.

    Attributes:
        when: The hyperparameter exists only while each named parent has one of the given values, such as
            ``{"optimizer": ["momentum"]}``; a single value may stand without its list.
        before: The value that trials had before the space had this hyperparameter. A sweep that is resumed
            with a new one then learns from its earlier trials, too.
        likely: About where good values are expected, such as 1e-3; a search that learns begins there, and
            believes it less the more it has seen.

    Raises:
        BadInput: On a condition that is no mapping, or a value before that no table can hold.
    """

    kind: ClassVar[str]
    when: Condition = field(default_factory=dict)
    before: Value | Unsaid = field(default=Unsaid.UNSAID, repr=False, compare=False)
    likely: Value | Unsaid = field(default=Unsaid.UNSAID, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.when, Mapping):
            raise BadInput(
                "when", self.when, "must map a parent to its values", "write when: {optimizer: momentum}"
            )
        plain = {name: as_plain(values) for name, values in self.when.items()}
        lists = {name: values if isinstance(values, list) else [values] for name, values in plain.items()}
        object.__setattr__(self, "when", {name: tuple(values) for name, values in lists.items()})
        if not isinstance(self.before, Unsaid):
            object.__setattr__(self, "before", as_plain(self.before))
            check_value("before", self.before)
        if not isinstance(self.likely, Unsaid):
            object.__setattr__(self, "likely", as_plain(self.likely))

    def _check_likely(self) -> None:
        """Raise `BadInput` where the likely value is none of the values; once these are known."""
        if not isinstance(self.likely, Unsaid) and self.likely not in self:
            raise BadInput("likely", self.likely, "is not one of its values", "give one inside the range")

    @abstractmethod
    def from_unit(self, unit: float) -> Value:
        """The value at a coordinate in [0, 1]; coordinates outside are clipped."""

    @abstractmethod
    def to_unit(self, value: Value) -> float:
        """A coordinate whose `from_unit` is the value."""

    @abstractmethod
    def own(self, value: Value) -> Value:
        """The value in this hyperparameter's own type, such as 1.0 for 1 in a range of decimals."""

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

    def holds(self, config: Mapping[str, Value]) -> bool:
        """Whether the condition holds, given the values of all active parents."""
        wanted = self._wanted.items()
        return all(parent in config and exactly(config[parent]) in values for parent, values in wanted)

    @cached_property
    def _wanted(self) -> dict[str, frozenset[Hashable]]:
        return {parent: frozenset(map(exactly, values)) for parent, values in self.when.items()}

    def changed(self, **parts: Any) -> Self:
        """The same with other parts; a likely value that is none of its values any more is left out."""
        found = replace(self, **parts, likely=Unsaid.UNSAID)
        kept = not isinstance(self.likely, Unsaid) and self.likely in found
        return replace(found, likely=self.likely) if kept else found

    def to_yaml(self) -> Any:
        """The form a spec file holds; `parse_distribution` reads it back."""
        form = self.settings()
        if self.when:
            form["when"] = {name: as_stored(list(values)) for name, values in self.when.items()}
        if not isinstance(self.before, Unsaid):
            form["before"] = as_stored(self.before)
        if not isinstance(self.likely, Unsaid):
            form["likely"] = as_stored(self.likely)
        return form


def unknown_parent(name: str, parents: Sequence[str]) -> BadInput:
    """The error for a condition on a hyperparameter that is not in the space."""
    return BadInput("when", name, "is not a hyperparameter of this space", choices(parents, name))
