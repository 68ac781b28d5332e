"""How many distinct configs a space has, conditions respected."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from sweeps.space.distribution import Distribution, Scalar

# The conditions that are still open: for each hyperparameter without a value, its parents without one.
Open: TypeAlias = dict[str, frozenset[str]]

LARGEST = 2**53  # beyond, a count says no more than "very many"


class Count:
    """Counts the configs of a space, one hyperparameter's values after the other's.

    A parent's values are told apart only as far as conditions do, and hyperparameters that no condition
    connects are counted apart, so that the work grows with the conditions and not with the number of configs.

    distributions: all hyperparameters, parents first.
    """

    def __init__(self, distributions: Mapping[str, Distribution]) -> None:
        self._distributions = distributions
        self._known: dict[frozenset[tuple[str, frozenset[str]]], float] = {}

    def size(self) -> int | None:
        """The number of configs; None where it has no end, or is above `LARGEST`."""
        found = self._all({name: frozenset(d.when) for name, d in self._distributions.items()})
        return int(found) if found <= LARGEST else None

    def _all(self, pending: Open) -> float:
        """The product over the groups that share no condition; infinite once it passes `LARGEST`."""
        found: float = 1
        for group in _groups(pending):
            found = _bounded(found * self._group(group))
        return found

    def _group(self, group: Open) -> float:
        key = frozenset(group.items())
        if key not in self._known:
            root = next(name for name, parents in group.items() if not parents)
            self._known[key] = _bounded(
                sum(_bounded(count * self._all(_after(group, root, met))) for count, met in self._cases(root))
            )
        return self._known[key]

    def _cases(self, parent: str) -> Iterator[tuple[float, frozenset[str]]]:
        """How many of the parent's values there are with which children's conditions met."""
        distribution = self._distributions[parent]
        rest = math.inf if distribution.size is None else distribution.size
        children = {name: d.when[parent] for name, d in self._distributions.items() if parent in d.when}
        named: list[Scalar] = []
        for value in (value for values in children.values() for value in values):
            if value not in named:
                named.append(value)
                yield 1, frozenset(name for name, values in children.items() if value in values)
        if rest > len(named):
            yield rest - len(named), frozenset()


def _after(group: Open, root: str, met: frozenset[str]) -> Open:
    """What is open once the root has a value: children whose condition on it is not met are gone."""
    gone: set[str] = set()
    left: Open = {}
    for name, parents in group.items():
        if name == root:
            continue
        if (root in parents and name not in met) or not gone.isdisjoint(parents - {root}):
            gone.add(name)
        else:
            left[name] = parents - {root}
    return left


def _groups(pending: Open) -> list[Open]:
    """The hyperparameters in groups, such that no condition goes from one group to another."""
    groups: list[Open] = []
    for name, parents in pending.items():
        touching = [g for g in groups if not parents.isdisjoint(g) or any(name in p for p in g.values())]
        merged = {key: value for group in touching for key, value in group.items()} | {name: parents}
        groups = [group for group in groups if group not in touching] + [merged]
    return groups


def _bounded(count: float) -> float:
    return count if count <= LARGEST else math.inf
