"""Plot of models whose configs changed while they were trained: a panda's branches, or a population."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sweeps.nudging.curves import Branches, Intervention, branches_of
from sweeps.plot.canvas import BLUE, GREY, ORANGE, new_axes, nothing, robust_limits
from sweeps.results.result import SweepResult
from sweeps.schedulers import is_population

_MOST_TOLD = 6  # changes that have room for words
_LETTERS = 46


def branches(result: SweepResult, ax: Any = None) -> Any:
    """The metric by epoch of each branch of a panda, or each trial of a population, the best model's way in
    colour, with a dot where the config was changed.

    Args:
        result: A panda, or a sweep with `scheduler: pbt`.
        ax: Where to draw.
    """
    ax, found = new_axes(ax), branches_of(result)
    if not found.values:
        return nothing(ax, f"no trial has reported {found.metric} yet")
    for trial in found.values:
        ax.plot(*_own(found, trial), color=GREY, alpha=0.7, linewidth=0.9)
    if result.best is not None:
        way = found.curve(result.best.trial)
        ax.plot([*way], [*way.values()], color=BLUE, linewidth=2, label="the way of the best model")
    marks = [each for each in found.interventions if each.epoch in found.curve(each.trial)]
    heights = [found.curve(each.trial)[each.epoch] for each in marks]
    epochs = [each.epoch for each in marks]
    ax.scatter(epochs, heights, s=28, color=ORANGE, zorder=3, label="the config was changed")
    if len(marks) <= _MOST_TOLD and not is_population(result.spec["scheduler"]):
        _tell(ax, marks, heights)
    values = np.array([value for curve in found.values.values() for value in curve.values()])
    ax.set_ylim(robust_limits(values, 1 if result.spec["mode"] == "min" else -1))
    ax.set(xlabel="epoch", ylabel=found.metric, title=result.spec["name"])
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.legend(frameon=False)
    return ax


def _own(found: Branches, trial: int) -> tuple[list[int], list[float]]:
    """Its epochs and values, the checkpoint that it began from at the head."""
    own, parent = found.values[trial], found.parents.get(trial)
    begun = {} if parent is None else {k: v for k, v in found.curve(trial).items() if k == parent[1]}
    curve = {**begun, **own}
    return [*curve], [*curve.values()]


def _tell(ax: Any, marks: Sequence[Intervention], heights: Sequence[float]) -> None:
    for each, height in zip(marks, heights, strict=True):
        words = each.what or "as it was"
        text = words if len(words) <= _LETTERS else words[: _LETTERS - 1] + "…"
        ax.annotate(text, (each.epoch, height), (6, 8), textcoords="offset points", fontsize=8)
