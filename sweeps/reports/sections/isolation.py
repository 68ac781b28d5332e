"""One hyperparameter at a time, among the trials that are otherwise like the best."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sweeps.reports.axes import Axis
from sweeps.reports.blocks import Block, Note, Picture, Section
from sweeps.reports.marks import dots, told
from sweeps.reports.view import View, values

QUESTION = "What does each hyperparameter do when the others stay near those of the best trial?"
_SHARE = 0.15  # of the trials that are shown: those nearest to the best
_FEWEST = 8
_MOST = 4  # pictures: those of the others say little
_READ = (
    "the star is the best trial of the search; the stronger a point, the more like that its other "
    "hyperparameters are. These are neighbours that were tried, no model: a trial that was stopped early "
    "has the objective that it had then."
)


def isolation(view: View) -> Section:
    """The section."""
    if len(view.shown) < _FEWEST or not view.axes:
        few = (
            f"Fewer than {_FEWEST} trials have an objective, too few to hold the other hyperparameters still."
        )
        return Section("isolation", QUESTION, few)
    first = view.most_important(_MOST)
    found = [(view.axes[k], _nearest(view.points, k)) for k in first]
    blocks: list[Block] = [
        Note(f"{view.metric_name}, on the vertical axis, against one hyperparameter each:")
    ]
    blocks += [_picture(view, axis, near) for axis, near in found]
    blocks += [Note(text) for text in (view.sampled, view.left_out(len(first))) if text]
    name = max((_spread(view, near), axis.name) for axis, near in found)[1]
    return Section(
        "isolation",
        QUESTION,
        f"Each picture has the {_count(view.points)} trials that are nearest to the best of the search "
        f"in all other hyperparameters. Among its neighbours the objective varies most along {name}.",
        blocks,
        _READ,
        "how does the objective change with one hyperparameter once the others are well tuned?",
    )


def _count(points: NDArray[np.float64]) -> int:
    return max(_FEWEST, int(_SHARE * len(points)))


def _nearest(points: NDArray[np.float64], left_out: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The trials nearest to the first in all coordinates but one, and how far they are.

    A coordinate that one has and the other lacks counts as far.
    """
    others = np.delete(points, left_out, axis=1)
    gaps = np.abs(others - others[0])
    alike = np.isnan(others) & np.isnan(others[0])
    distances = np.where(alike, 0.0, np.nan_to_num(gaps, nan=1.0)).sum(axis=1)
    nearest = np.argsort(distances, kind="stable")[: _count(points)]
    return nearest, distances[nearest]


def _spread(view: View, near: tuple[NDArray[np.int64], NDArray[np.float64]]) -> float:
    found = view.search.loss[view.shown[near[0]]]
    low, high = np.quantile(found, [0.1, 0.9])
    return float(high - low)


def _picture(view: View, axis: Axis, near: tuple[NDArray[np.int64], NDArray[np.float64]]) -> Picture:
    nearest, distances = near
    configs = [view.shown_configs[k] for k in nearest.tolist()]
    x = axis.jitter(axis.places(values(configs, axis.name)))
    objectives = view.objectives[view.shown[nearest]]
    y = view.objective_axis.places(objectives)
    about = told(view.search.number[view.shown[nearest]], objectives)
    strength = 0.9 - 0.7 * distances / max(float(distances.max()), 1e-12)
    traces = [
        dots(x, y, "@accent", "neighbours", 7, opacity=strength, **about),
        dots(
            x[:1],
            y[:1],
            "@warn",
            "best of the search",
            13,
            symbol="star",
            line={"color": "@paper", "width": 1},
        ),
    ]
    layout = {"xaxis": axis.layout(), "yaxis": {**view.objective_axis.layout(bare=True), "nticks": 6}}
    return Picture(traces, layout, axis.name, 240, small=True)
