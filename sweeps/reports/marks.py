"""Traces that several pictures share. Colours are names that the page's style sheet explains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweeps.reports.axes import Axis
from sweeps.reports.blocks import label
from sweeps.reports.view import View, values

Array = NDArray[np.float64]
Trace = dict[str, Any]
TOP = 10  # trials that are drawn as the best


def line(x: Any, y: Any, color: str, name: str = "", width: float = 2, **more: Any) -> Trace:
    """A line; with more={"dash": "dot"} a dotted one."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x,
        "y": y,
        "name": label(name),
        "line": {"color": color, "width": width, **more},
        "hoverinfo": "skip",
    }


def dots(x: Any, y: Any, color: str, name: str = "", size: float = 5, **more: Any) -> Trace:
    """Points; more: what plotly's trace takes, and `symbol` and `opacity` of the marker."""
    marker = {key: more.pop(key) for key in ("symbol", "opacity", "line") if key in more}
    return {
        "type": "scatter",
        "mode": "markers",
        "x": x,
        "y": y,
        "name": label(name),
        "marker": {"color": color, "size": size, **marker},
        **more,
    }


def trials_on(view: View, axis: Axis) -> list[Trace]:
    """All shown trials against one hyperparameter: the lost ones, the rest, the best."""
    x = axis.jitter(axis.places(values(view.shown_configs, axis.name)))
    objectives = view.objectives[view.shown]
    y, beyond = view.objective_axis.places(objectives), view.objective_axis.beyond(objectives)
    first = np.arange(len(x)) < TOP
    groups: tuple[tuple[str, NDArray[np.bool_], str, dict[str, Any]], ...] = (
        ("worse than shown", beyond & ~first, "@muted", {"symbol": "triangle-up-open", "opacity": 0.55}),
        ("trials", ~beyond & ~first, "@accent", {"opacity": 0.45}),
        (f"best {min(TOP, len(x))}", first, "@warn", {"line": {"color": "@paper", "width": 0.5}, "size": 8}),
    )
    trials = view.search.number[view.shown]
    return [
        _lost(view, axis),
        *(
            dots(x[w], y[w], color, name, **told(trials[w], objectives[w]), **more)
            for name, w, color, more in groups
        ),
    ]


def told(trials: NDArray[np.int64], objectives: Array) -> dict[str, Any]:
    """What is told of points that are trials, and what a click on one finds them by."""
    hover = "trial %{customdata}: %{text}<extra></extra>"
    text = [f"{value:.5g}" if np.isfinite(value) else "diverged or failed" for value in objectives.tolist()]
    return {"customdata": trials, "text": text, "hovertemplate": hover}


def _lost(view: View, axis: Axis) -> Trace:
    places = axis.jitter(axis.places(values(view.lost_configs, axis.name)))
    top = np.full(len(places), view.objective_axis.lost_place())
    trials = view.search.number[view.shown_lost]
    about = told(trials, np.full(len(trials), np.nan))
    return dots(places, top, "@bad", "diverged or failed", 5, symbol="x-thin-open", opacity=0.7, **about)


def legend(more: Mapping[str, Any]) -> dict[str, Any]:
    """A layout with its legend above the picture."""
    return {"showlegend": True, **more}
