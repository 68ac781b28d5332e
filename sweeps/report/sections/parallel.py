"""Whole configs at once: parallel coordinates that can be brushed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweeps.report.axes import Axis
from sweeps.report.page import Note, Picture, Section, label, short
from sweeps.report.view import View, values

QUESTION = "What do whole good configs look like?"
_MOST_LINES = 500
_MOST_AXES = 14


def parallel(view: View) -> Section:
    """The section."""
    if len(view.shown) < 2 or not view.axes:
        return Section("parallel", QUESTION, "There are not yet two configs with an objective to lay side by side.")
    ranks = np.linspace(0, 1, len(view.shown)) ** 0.5
    chosen = np.unique(np.linspace(0, len(view.shown) - 1, min(len(view.shown), _MOST_LINES)).astype(int))
    chosen = chosen[::-1]  # the best on top
    axes = view.axes[:_MOST_AXES]
    dimensions = [_dimension(view, axis, chosen) for axis in axes]
    dimensions.append(_objective(view, chosen))
    trace = {
        "type": "parcoords",
        "dimensions": dimensions,
        "line": {
            "color": ranks[chosen],
            "cmin": 0,
            "cmax": 1,
            "colorscale": [[0, "@warn"], [0.35, "@accent"], [1, "@low"]],
        },
        "unselected": {"line": {"color": "@line/0.3"}},
        "labelfont": {"color": "@ink", "size": 12},
        "tickfont": {"color": "@soft", "size": 11},
        "rangefont": {"color": "@paper/0", "size": 1},
        "labelangle": -16,
    }
    layout = {"margin": {"l": 60, "r": 50, "t": 88, "b": 18}}
    return Section(
        "parallel",
        QUESTION,
        _answer(view),
        [Picture([trace], layout, height=420), Note(_left_out(view, len(chosen)))],
        "a line is a config, orange the best, pale the worst. Drag along an axis to keep the configs that pass "
        "there, and drag a name to move its axis. Where a hyperparameter is inactive, the line passes beneath the axis.",
    )


def _answer(view: View) -> str:
    """Which choices the best agree on."""
    first = view.shown_configs[: max(5, min(20, len(view.shown) // 10))]
    agreed = []
    for axis in view.axes:
        places = axis.places(values(first, axis.name))
        places = places[np.isfinite(places)]
        if axis.labels and len(places):
            value, count = np.unique(places, return_counts=True)
            if count.max() >= 0.8 * len(first):
                agreed.append(f"{axis.name} = {short(axis.labels[int(value[count.argmax()])], 30)}")
    n = len(first)
    if agreed:
        return f"At least 80 % of the {n} best configs share {', '.join(agreed)}."
    return f"The {n} best configs share no choice: several kinds of config are good."


def _dimension(view: View, axis: Axis, chosen: NDArray[np.int64]) -> dict[str, Any]:
    places = axis.places(values([view.shown_configs[k] for k in chosen.tolist()], axis.name))
    width = axis.high - axis.low
    marks, texts = axis.ticks()
    inactive = ~np.isfinite(places)
    floor = axis.low - (0.08 * width if inactive.any() else 0)
    return {
        "label": label(short(axis.name, 18)),
        "values": np.where(inactive, floor, places),
        "range": [floor, axis.high],
        "tickvals": marks,
        "ticktext": [text.replace("<sup>", "^").replace("</sup>", "") for text in texts],
    }


def _objective(view: View, chosen: NDArray[np.int64]) -> dict[str, Any]:
    axis = view.objective_axis
    places = axis.places(view.objectives[view.shown[chosen]])
    shown = np.log10(places) if axis.log else places
    return {
        "label": label(short(axis.name, 18)),
        "values": shown,
        "range": [float(np.log10(axis.best)), float(np.log10(axis.edge))] if axis.log else [axis.best, axis.edge],
        **(axis.log_ticks() if axis.log else {}),
    }


def _left_out(view: View, lines: int) -> str:
    more = len(view.axes) - _MOST_AXES
    text = f"{lines} of {len(view.search.ranking):,} configs are drawn"
    return f"{text}, with the first {_MOST_AXES} hyperparameters of {len(view.axes)}." if more > 0 else f"{text}."
