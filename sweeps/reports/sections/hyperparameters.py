"""The objective against each hyperparameter, with the regions of the rounds: coarse to fine."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sweeps.analysis.wording import percent
from sweeps.reports.axes import Axis
from sweeps.reports.blocks import Block, Note, Picture, Section
from sweeps.reports.marks import Trace, line, trials_on
from sweeps.reports.view import View

QUESTION = "How does the objective depend on each hyperparameter, and where did the search go?"
_ROUNDS = 14  # of which the regions are drawn
_READ = (
    "each point is a trial on the hyperparameter's own scale, the ten best of the search in orange; a "
    "cross has diverged or failed, a triangle lies beyond the edge of the picture. The bars beneath are "
    "the ranges that the rounds drew from, the first round on top. Click a point for its config."
)


def hyperparameters(view: View) -> Section:
    """The section."""
    if not view.search.finite.any() and not view.search.lost.any():
        return Section(
            "hyperparameters", QUESTION, "No trial has an objective yet, so there is nothing to see."
        )
    blocks: list[Block] = [_picture(view, axis) for axis in view.first_axes]
    blocks.insert(0, Note(f"{view.metric_name}, on the vertical axis, against each hyperparameter:"))
    blocks += [Note(text) for text in (view.sampled, view.too_many) if text]
    return Section(
        "hyperparameters",
        QUESTION,
        _answer(view),
        blocks,
        _READ,
        "what has been learnt of the space, seen in the basic axes of each hyperparameter?",
    )


def _answer(view: View) -> str:
    rounds = view.result.rounds
    last = int(rounds["round"].max()) if len(rounds) else 0
    if not last:
        return "All trials were drawn from the whole ranges."
    shares = _shares(view, rounds[rounds["round"] == last])
    if not shares:
        return f"The search went through {last + 1} rounds."
    name, share = min(shares.items(), key=lambda each: each[1])
    if share > 0.9:
        return f"After {last + 1} rounds the search still draws from nearly the whole of every range."
    return (
        f"In {last + 1} rounds the search has narrowed {name} most, to {percent(share)} of its range; "
        f"the median of all is {percent(float(np.median(list(shares.values()))))}."
    )


def _shares(view: View, rows: pd.DataFrame) -> dict[str, float]:
    """How much of each numeric range the last region has."""
    axes = {axis.name: axis for axis in view.axes if not axis.labels}
    found = {}
    for row in rows[rows["low"].notna()].itertuples():
        if axis := axes.get(str(row.hyperparameter)):
            low, high = axis.region(float(row.low), float(row.high))  # type: ignore[arg-type]
            found[axis.name] = (high - low) / (axis.high - axis.low)
    return {name: share for name, share in found.items() if np.isfinite(share)}


def _picture(view: View, axis: Axis) -> Picture:
    regions = _regions(view, axis)
    traces = [*trials_on(view, axis), *regions]
    floor = 0.24 if regions else 0.0
    layout: dict[str, Any] = {
        "xaxis": {**axis.layout(), "anchor": "y2" if regions else "y"},
        "yaxis": {**view.objective_axis.layout(0.14, bare=True), "domain": [floor, 1], "nticks": 6},
    }
    if regions:
        bare = {"showticklabels": False, "ticks": "", "showgrid": False, "fixedrange": True}
        layout["yaxis2"] = {
            **bare,
            "domain": [0, floor - 0.05],
            "autorange": "reversed",
            "title": {"text": ""},
        }
    return Picture(traces, layout, axis.name, 280, small=True)


def _regions(view: View, axis: Axis) -> list[Trace]:
    """A bar a round, beneath the trials; the last in colour."""
    rounds = view.result.rounds
    rows = rounds[(rounds["hyperparameter"] == axis.name) & rounds["low"].notna()]
    if len(rows) < 2 or rounds["round"].max() < 1:
        return []
    chosen = rows.iloc[np.unique(np.linspace(0, len(rows) - 1, min(len(rows), _ROUNDS)).astype(int))]
    bars = []
    for place, row in enumerate(chosen.itertuples()):
        ends = axis.region(float(row.low), float(row.high))  # type: ignore[arg-type]
        color = "@good" if place == len(chosen) - 1 else "@muted"
        bar = line(list(ends), [place, place], color, f"round {row.round}", 3)
        bars.append({**bar, "yaxis": "y2", "hoverinfo": "name"})
    return bars
