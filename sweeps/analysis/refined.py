"""A refined spec: the next sweep, searched where the best trials of this one lie."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sweeps.analysis.ranges import Ranges, elites_of, narrowed
from sweeps.analysis.search import Array, Search
from sweeps.analysis.split import Split
from sweeps.analysis.training_length import TrainingLength
from sweeps.analysis.wording import values_in_words
from sweeps.errors import BadInput
from sweeps.results.result import SweepResult
from sweeps.space import Choice, Distribution, Fixed, Numeric, Space
from sweeps.spec import SweepSpec, as_spec, read_yaml
from sweeps.spec.ready_spaces import IN_EPOCHS, READY_SPACES
from sweeps.spec.yaml_text import write_yaml
from sweeps.sweep.planning.start_with import taken_of_best

_MARGIN = 0.1  # of a range's width, on both sides of the elites
_FEWEST = 10  # elites are of so many trials at least before a range is narrowed
_DOUBT = 0.05  # chance at most that the best lack a choice that is as good as the others
_LEFT_OUT = ("versions", "start_with", "retune")  # of the spec: what the next sweep does not take over
_FIRST = 3  # of the best configs, which the next sweep begins with


class Change(NamedTuple):
    """What a refined spec has otherwise: a hyperparameter or a key, and its values before and after."""

    name: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.name}: {self.before} → {self.after}"


def refined(
    result: SweepResult, search: Search, bounds: Ranges, length: TrainingLength
) -> tuple[str | None, list[Change]]:
    """The spec as YAML, None where this version cannot read the sweep's own; and what it changes, in words.

    It searches the region of the best trials with a margin on both sides, goes further out where they lean on
    an end, and trains longer where the best still improved. Choices that none of the best has are left out,
    unless that may be chance. What a condition names keeps its values. It begins with the best configs, where
    they lie in its space.
    """
    epochs = length.proposed if length.verdict in ("longer", "shorter") else search.epochs
    space = _space(search, bounds)
    if str(result.spec["trainable"]) in READY_SPACES:  # a command line is a mapping
        space = _scaled(space, epochs / search.epochs)
    changes = _changes(search.space, space)
    form = {name: value for name, value in result.spec.items() if name not in _LEFT_OUT}
    if epochs != search.epochs:
        changes.append(Change("epochs", str(search.epochs), str(epochs)))
    form |= {"name": _next_name(search.name), "epochs": epochs, "space": space.to_yaml()}
    if first := min(taken_of_best(result, space, _FIRST), int(form["trials"])):
        form["start_with"] = {"from": str(result.path), "top": first}
    try:
        text = write_yaml(_plain(as_spec(form)))
        as_spec(read_yaml(text, "spec"))
    except BadInput:  # written by another version
        return None, []
    return text, changes


def _space(search: Search, bounds: Ranges) -> Space:
    parents = {name for kind in search.space.distributions.values() for name in kind.when}
    elites = elites_of(search)
    points, every = search.points(elites), search.points(np.flatnonzero(search.finite))
    kinds: dict[str, Any] = dict(search.space.distributions)
    if search.finite.sum() >= _FEWEST:
        for j, name in enumerate(search.space.searched):
            if name not in parents:
                lost = bounds.where_lost
                here = lost if lost is not None and lost.hyperparameter == name else None
                kinds[name] = _around(kinds[name], points[:, j], here)
                if isinstance(kinds[name], Choice) and not kinds[name].ordered:
                    kinds[name] = _used(kinds[name], points[:, j], every[:, j])
    space = Space(kinds)
    for edge in bounds.edges:
        if edge.proposed is not None and edge.hyperparameter not in parents:
            space = _moved(space, search.space, edge.hyperparameter, edge.end, edge.proposed)
    return space


def _around(kind: Any, units: Array, split: Split | None) -> Any:
    """A distribution between the coordinates of most of these, the best three among them, with a margin.

    It ends where most trials are lost. units: the best first. split: where that is, of this hyperparameter.
    """
    active = units[np.isfinite(units)]
    if len(active) < 3:
        return kind
    low, high = np.quantile(active, [0.1, 0.9])
    margin = max(_MARGIN, 1 / kind.size if kind.size else 0.0)  # of a few values, a neighbour
    ends = [min(low, active[:3].min()) - margin, max(high, active[:3].max()) + margin]
    if split is not None and split.cut is not None and split.lost > split.trials / 2:
        above = split.condition.startswith("above")
        ends = [ends[0], min(ends[1], split.cut)] if above else [max(ends[0], split.cut), ends[1]]
    return narrowed(kind, max(0.0, ends[0]), min(1.0, ends[1])) if ends[0] < ends[1] else kind


def _moved(space: Space, before: Space, name: str, end: str, value: float) -> Space:
    """The space with one end at this value, from which the grid, if there is one, still holds its values."""
    kind: Any = space.distributions[name]
    changed: dict[str, Any] = {end: int(value) if kind.integer else value}
    if kind.step is not None and not kind.integer:  # values are counted from the lower end
        kind = before.distributions[name]
    return Space({**space.distributions, name: kind.changed(**changed)})


def _used(kind: Choice, best: Array, every: Array) -> Choice:
    """Without the choices that none of the best has, though luck would have given them one.

    If a choice made no difference, each of the n best would have it with the share p of the trials that do,
    so none of them with (1 - p)^n.

    best, every: unit coordinates, of the best trials and of all.
    """
    among_best, among_all = _cells(kind, best), _cells(kind, every)
    chance = (1 - among_all / max(among_all.sum(), 1)) ** among_best.sum()
    kept = [v for v, b, c in zip(kind.values, among_best, chance, strict=True) if b or c > _DOUBT]
    return kind.changed(values=kept)


def _cells(kind: Choice, units: Array) -> NDArray[np.int64]:
    """How many of these coordinates are each of the values."""
    places = (units[np.isfinite(units)] * len(kind.values)).astype(int)
    return np.bincount(np.minimum(places, len(kind.values) - 1), minlength=len(kind.values))


def _scaled(space: Space, times: float) -> Space:
    """The space with what is measured in epochs of the whole training, so many times as long."""
    kinds = dict(space.distributions)
    for name in IN_EPOCHS.keys() & kinds.keys():
        kinds[name] = _stretched(kinds[name], times, IN_EPOCHS[name])
    return Space(kinds)


def _stretched(kind: Distribution, times: float, least: int) -> Distribution:
    """As it is where it would be no range any more."""

    def longer(value: Any) -> Any:
        if isinstance(value, float):
            return float(f"{value * times:.3g}")
        return max(round(value * times), min(value, least)) if isinstance(value, int) else value

    try:
        if isinstance(kind, Fixed) and not isinstance(kind.value, bool):
            return kind.changed(value=longer(kind.value))
        return (
            kind.changed(low=longer(kind.low), high=longer(kind.high)) if isinstance(kind, Numeric) else kind
        )
    except BadInput:
        return kind


def _changes(before: Space, after: Space) -> list[Change]:
    return [
        Change(name, values_in_words(old), values_in_words(new))
        for (name, old), new in zip(before.distributions.items(), after.distributions.values(), strict=True)
        if old.to_yaml() != new.to_yaml()
    ]


def _plain(spec: SweepSpec) -> dict[str, Any]:
    return {name: value for name, value in spec.model_dump().items() if name != "versions"}


def _next_name(name: str) -> str:
    """digits → digits-2 → digits-3."""
    stem, dash, number = name.rpartition("-")
    return f"{stem}-{int(number) + 1}" if dash and number.isdecimal() else f"{name}-2"
