"""What to do next: the answers to all questions in order of weight, and a refined spec."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import numpy as np

from sweeps.analysis.importance import importance
from sweeps.analysis.ranges import Ranges, elites_of, narrowed, ranges
from sweeps.analysis.rungs import rungs
from sweeps.analysis.search import Array, Search, search_of
from sweeps.analysis.split import Split
from sweeps.analysis.stop_or_go import stop_or_go
from sweeps.analysis.surrogate_trust import surrogate_trust
from sweeps.analysis.training_length import TrainingLength, training_length
from sweeps.analysis.wording import Answer
from sweeps.errors import BadInput
from sweeps.results.result import SweepResult
from sweeps.schedulers import Legal
from sweeps.space import Space
from sweeps.spec import SweepSpec, as_spec, read_yaml
from sweeps.spec.yaml_text import write_yaml

_MARGIN = 0.1  # of a range's width, on both sides of the elites
_LOST = 0.2  # of the trials: more than that diverged or failed is worth a first word
_FEWEST = 10  # elites are of so many trials at least before a range is narrowed
_LEFT_OUT = ("versions", "start_with")  # of the spec: what the next sweep does not take over


@dataclass(frozen=True)
class Step:
    """One piece of advice. weight: from 0 to 1, how much it matters. about: the question it answers."""

    weight: float
    about: str
    words: str


@dataclass(frozen=True)
class NextStep(Answer):
    """What to do next.

    Attributes:
        steps: The advice, the weightiest first.
        spec: A refined spec as YAML, which `caviar run` accepts; None where this version cannot read the
            sweep's own.
        changes: What it changes, in words, one a line.
    """

    steps: tuple[Step, ...]
    spec: str | None
    changes: tuple[str, ...]

    @property
    def words(self) -> str:
        """The advice as sentences."""
        return " ".join(step.words for step in self.steps)

    def _repr_html_(self) -> str:
        return f"<pre>{escape(str(self))}</pre>"

    def __str__(self) -> str:
        lines = [f"{place}. {step.words}" for place, step in enumerate(self.steps, 1)]
        if self.spec is None:
            return "\n".join(lines)
        return "\n".join([*lines, "", *(f"# {change}" for change in self.changes), self.spec])


def next_step(result: SweepResult, legal: Legal | None = None) -> NextStep:
    """What to do next, assembled from the other questions in order of weight (Godbole et al., 2023,
    "Understanding each round of experiments").

    The refined spec searches the region of the best trials with a margin on both sides, goes further out
    where they lean on an end, and trains longer where the best still improved. What a condition names keeps
    its values. Where scikit-learn is missing, nothing is said of importance.

    Args:
        result: The sweep.
        legal: Whether a config can be trained; see `ranges`.
    """
    search, bounds, length = search_of(result), ranges(result, legal), training_length(result)
    steps = sorted(_steps(result, search, bounds, length), key=lambda step: -step.weight)
    spec, changes = _refined(result, search, bounds, length)
    return NextStep(tuple(steps), spec, tuple(changes))


def _steps(result: SweepResult, search: Search, bounds: Ranges, length: TrainingLength) -> list[Step]:
    if not search.finite.any():
        lost = bounds.words if bounds.lost else "Wait for the first trial to report its metric."
        return [Step(1.0, "ranges", lost)]
    going, early = stop_or_go(result), rungs(result)
    part = bounds.lost / max(bounds.ended, 1)
    found = [
        Step(
            0.9 if any(edge.proposed is not None for edge in bounds.edges) else 0.3 if bounds.enough else 0.6,
            "ranges",
            bounds.words,
        ),
        Step({"longer": 0.8, "shorter": 0.5}.get(length.verdict, 0.2), "training_length", length.words),
        Step(0.7 if early.misleading is not None else 0.15, "rungs", early.words),
        Step(0.75 if going.advice == "go on" else 0.55, "stop_or_go", going.words),
    ]
    if part > _LOST:
        found[0] = Step(1.0, "ranges", bounds.words)
    said = [step for step in found if not (step.about in ("training_length", "rungs") and search.epochs == 1)]
    return [*said, *_of_models(result)]


def _of_models(result: SweepResult) -> list[Step]:
    trust = surrogate_trust(result)
    found = (
        [Step(0.1 if trust.trusted else 0.35, "surrogate_trust", trust.words)]
        if trust.correlation is not None
        else []
    )
    try:
        matters = importance(result)
    except BadInput:  # without scikit-learn
        return found
    return (
        [Step(0.4 if matters.sure else 0.25, "importance", matters.words), *found]
        if matters.r2 is not None
        else found
    )


def _refined(
    result: SweepResult, search: Search, bounds: Ranges, length: TrainingLength
) -> tuple[str | None, list[str]]:
    """The spec as YAML, and what it changes."""
    space, changes = _refined_space(search, bounds)
    form = {name: value for name, value in result.spec.items() if name not in _LEFT_OUT}
    if length.verdict in ("longer", "shorter"):
        changes.append(f"epochs: {search.epochs} → {length.proposed}")
        form["epochs"] = length.proposed
    form |= {"name": _next_name(search.name), "space": space.to_yaml()}
    try:
        text = write_yaml(_plain(as_spec(form)))
        as_spec(read_yaml(text, "spec"))
    except BadInput:  # written by another version
        return None, []
    return text, changes or ["nothing is changed but the name: there is too little to go by"]


def _refined_space(search: Search, bounds: Ranges) -> tuple[Space, list[str]]:
    parents = {name for kind in search.space.distributions.values() for name in kind.when}
    elites = elites_of(search)
    points = search.points(elites)
    kinds: dict[str, Any] = dict(search.space.distributions)
    if search.finite.sum() >= _FEWEST:
        for j, name in enumerate(search.space.searched):
            if name not in parents:
                lost = bounds.where_lost
                here = lost if lost is not None and lost.hyperparameter == name else None
                kinds[name] = _around(kinds[name], points[:, j], here)
    space = Space(kinds)
    for edge in bounds.edges:
        if edge.proposed is not None and edge.hyperparameter not in parents:
            space = _moved(space, search.space, edge.hyperparameter, edge.end, edge.proposed)
    return space, _changes(search.space, space)


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
    return Space({**space.distributions, name: replace(kind, **changed)})


def _changes(before: Space, after: Space) -> list[str]:
    return [
        f"{name}: {json.dumps(old.to_yaml(), ensure_ascii=False)} → "
        f"{json.dumps(new.to_yaml(), ensure_ascii=False)}"
        for (name, old), new in zip(before.distributions.items(), after.distributions.values(), strict=True)
        if old.to_yaml() != new.to_yaml()
    ]


def _plain(spec: SweepSpec) -> dict[str, Any]:
    return {name: value for name, value in spec.model_dump().items() if name not in _LEFT_OUT}


def _next_name(name: str) -> str:
    """digits → digits-2 → digits-3."""
    stem, dash, number = name.rpartition("-")
    return f"{stem}-{int(number) + 1}" if dash and number.isdecimal() else f"{name}-2"
