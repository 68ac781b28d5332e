"""A space: name → distribution, and the map between configs and the unit cube."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sweeps.errors import BadInput, choices
from sweeps.space.distribution import Condition, Distribution, Unsaid, unknown_parent
from sweeps.space.growth import End, grown
from sweeps.space.numeric import Numeric
from sweeps.space.parse import parse_distribution
from sweeps.space.size import Count
from sweeps.space.value import Config, Value, exactly

Point: TypeAlias = NDArray[np.float64]


class Space:
    """The hyperparameters of a sweep.

    A *point* is a vector in the unit cube with one coordinate per searched hyperparameter, in the
    order of `searched`. A *config* holds the values, fixed ones included, and leaves out every
    hyperparameter whose condition does not hold.

    Args:
        distributions: Hyperparameter → its values: a `Distribution`, its form in a spec file such as
            ``{"log": [1e-5, 1]}``, or a plain value, which is passed on as it is.

    Attributes:
        distributions: Hyperparameter → `Distribution`, as given.
        parents_first: All names, each after those that its condition names.
        searched: The names that have more than one value.

    Raises:
        BadInput: With places such as ``space.learning_rate.log``.

    Examples:
        >>> space = Space({"rate": {"log": [1e-4, 1]}, "layers": {"choice": [1, 2]}, "units": 64})
        >>> space.config(np.array([1.0, 0.2]))
        {'rate': 1.0, 'layers': 1, 'units': 64}
        >>> space.point({"rate": 1.0, "layers": 2, "units": 64}).tolist()
        [1.0, 0.75]
    """

    def __init__(self, distributions: Mapping[str, Any]) -> None:
        if not isinstance(distributions, Mapping) or not distributions:
            fix = "write space: {learning_rate: {log: [1e-5, 1]}}"
            raise BadInput("space", distributions, "must map at least one hyperparameter to its values", fix)
        self.distributions = {_name(name): _parse(name, form) for name, form in distributions.items()}
        for name in self.distributions:
            self._check_condition(name)
        self.distributions = {name: self._in_own_values(d) for name, d in self.distributions.items()}
        self.parents_first = tuple(self._parents_first())
        self.searched = tuple(name for name, d in self.distributions.items() if not d.fixed)

    @cached_property
    def size(self) -> int | None:
        """How many distinct configs there are; None for more than 2^53, as any continuous range gives.

        >>> Space({"units": {"int": [1, 8]}, "optimizer": {"choice": ["adam", "sgd"]}}).size
        16
        """
        return Count({name: self.distributions[name] for name in self.parents_first}).size()

    def config(self, point: Point) -> Config:
        """The config at a point of shape (len(searched),)."""
        units = dict(zip(self.searched, point.tolist(), strict=True))
        return self.decide(lambda name, distribution: distribution.from_unit(units.get(name, 0.5)))

    def decide(self, choose: Callable[[str, Distribution], Value]) -> Config:
        """The config of what `choose` gives; asked parents first, and only where the condition holds."""
        found: Config = {}
        for name in self.parents_first:
            distribution = self.distributions[name]
            if distribution.holds(found):
                found[name] = choose(name, distribution)
        return {name: found[name] for name in self.distributions if name in found}

    def own(self, config: Mapping[str, Value]) -> Config | None:
        """A config, written by whomever, in this space's own values and order.

        Args:
            config: Such as a table gives back, with 1 for 1.0 or an enum member's value for the member.

        Returns:
            The config; None where it is none of this space's: it has a value outside of a range or a choice,
            lacks a hyperparameter, or has one that the space does not have or that its conditions leave out.

        Examples:
            >>> space = Space({"rate": {"log": [1e-4, 1]}, "units": 64})
            >>> space.own({"units": 64, "rate": 1}), space.own({"rate": 2, "units": 64})
            ({'rate': 1.0, 'units': 64}, None)
        """
        found: Config = {}
        for name in self.parents_first:
            distribution = self.distributions[name]
            if distribution.holds(found):
                if name not in config or config[name] not in distribution:
                    return None
                found[name] = distribution.own(config[name])
        return (
            {n: found[n] for n in self.distributions if n in found} if found.keys() == config.keys() else None
        )

    def completed(self, config: Config) -> Config:
        """A config of a trial from before the space had all of these hyperparameters, with the values that it
        had of the new ones, as far as `before` says them.

        Examples:
            >>> space = Space({"rate": {"log": [1e-4, 1]}, "momentum": {"uniform": [0, 1], "before": 0.9}})
            >>> space.completed({"rate": 0.1})
            {'rate': 0.1, 'momentum': 0.9}
        """
        found = dict(config)
        for name in self.parents_first:
            distribution = self.distributions[name]
            value = distribution.before
            if name not in found and not isinstance(value, Unsaid) and distribution.holds(found):
                found[name] = distribution.own(value) if value in distribution else value
        if len(found) == len(config):
            return config
        return {name: found[name] for name in self.distributions if name in found} | found

    def point(self, config: Mapping[str, Value]) -> Point:
        """The point of a config, shape (len(searched),); NaN where a hyperparameter is inactive."""
        units = [
            self.distributions[name].to_unit(config[name]) if name in config else np.nan
            for name in self.searched
        ]
        return np.array(units, dtype=np.float64)

    def grown(self, name: str, end: End, share: float = 0.5, limit: float | None = None) -> Space | None:
        """The space in which a range has grown at one end, all else as it is.

        Args:
            name: The hyperparameter.
            end: Which end moves outwards.
            share: By how much, in parts of its width in its own scale; a grid grows by whole steps, one at
                least.
            limit: What the new end must not pass, in the hyperparameter's own units.

        Returns:
            The space, or None where the end cannot move: of a choice, a fixed value, a range at a limit of
            its scale, or one from 0 on at its lower end. What a condition names does not move either:
            nobody has said which hyperparameters there are at its new values.
        """
        distribution = self.distributions[name]
        if not isinstance(distribution, Numeric) or self._is_parent(name):
            return None
        more = grown(distribution, end, share, limit)
        return None if more is None else Space({**self.distributions, name: more})

    def _is_parent(self, name: str) -> bool:
        return any(name in distribution.when for distribution in self.distributions.values())

    def to_yaml(self) -> dict[str, Any]:
        """The form a spec file holds; `Space(form)` reads it back."""
        return {name: distribution.to_yaml() for name, distribution in self.distributions.items()}

    def _parents_first(self) -> list[str]:
        """Names ordered so that a condition's parents come before it."""
        ordered: list[str] = []
        pending = list(self.distributions)
        while pending:
            ready = [n for n in pending if all(p in ordered for p in self.distributions[n].when)]
            if not ready:
                fix = "take the when off one of them"
                raise BadInput(f"space.{pending[0]}.when", pending, "depend on each other in a circle", fix)
            ordered += ready
            pending = [n for n in pending if n not in ready]
        return ordered

    def _check_condition(self, name: str) -> None:
        place = f"space.{name}"
        for parent, values in self.distributions[name].when.items():
            if parent not in self.distributions:
                raise unknown_parent(parent, list(self.distributions)).within(place)
            for value in values:
                if value not in self.distributions[parent]:
                    options = getattr(self.distributions[parent], "values", ())
                    fix = choices(map(str, options), str(value)) if options else ""
                    raise BadInput(f"{place}.when.{parent}", value, f"is never a value of {parent}", fix)

    def _in_own_values(self, distribution: Distribution) -> Distribution:
        """With conditions in the parents' own values, such as 1.0 for 1, so that comparisons may be exact."""
        when = {
            parent: tuple(self.distributions[parent].own(value) for value in values)
            for parent, values in distribution.when.items()
        }
        return distribution if _same(when, distribution.when) else replace(distribution, when=when)


def _name(name: object) -> str:
    if isinstance(name, str) and name.isidentifier():
        return name
    raise BadInput("space", name, "is not a name: letters, digits and _ only", "such as learning_rate")


def _parse(name: str, form: Any) -> Distribution:
    try:
        return parse_distribution(form)
    except BadInput as error:
        raise error.within(f"space.{name}") from None


def _same(one: Condition, other: Condition) -> bool:
    return all(exactly(values) == exactly(other[parent]) for parent, values in one.items())
