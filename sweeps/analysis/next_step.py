"""What to do next: the answers to all questions in order of weight, and a refined spec."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from sweeps.analysis.forest.importance import importance
from sweeps.analysis.ranges import Ranges, ranges
from sweeps.analysis.refined import Change, refined
from sweeps.analysis.rungs import rungs
from sweeps.analysis.search import Search, search_of
from sweeps.analysis.stop_or_go import stop_or_go
from sweeps.analysis.surrogate_trust import surrogate_trust
from sweeps.analysis.training_length import TrainingLength, training_length
from sweeps.analysis.wording import Answer
from sweeps.errors import BadInput
from sweeps.results.result import SweepResult
from sweeps.schedulers import Legal

_LOST = 0.2  # of the trials: more than that diverged or failed is worth a first word


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
        changes: What it changes beside the name: each has a `name`, and the values `before` and `after`.
    """

    steps: tuple[Step, ...]
    spec: str | None
    changes: tuple[Change, ...]

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
        changes = self.changes or ["nothing is changed but the name: there is too little to go by"]
        return "\n".join([*lines, "", *(f"# {change}" for change in changes), self.spec])


def next_step(result: SweepResult, legal: Legal | None = None) -> NextStep:
    """What to do next, assembled from the other questions in order of weight (Godbole et al., 2023,
    "Understanding each round of experiments").

    `sweeps.analysis.refined` says how the refined spec comes about. Where scikit-learn is missing, nothing is
    said of importance.

    Args:
        result: The sweep.
        legal: Whether a config can be trained; see `ranges`.
    """
    search, bounds, length = search_of(result), ranges(result, legal), training_length(result)
    steps = sorted(_steps(result, search, bounds, length), key=lambda step: -step.weight)
    spec, changes = refined(result, search, bounds, length)
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
