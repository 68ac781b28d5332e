"""Whether a range is too small, whether enough points lie in the best region, and where trials are lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweeps.analysis import Edge, OnEnd, elites_of, sampled
from sweeps.analysis.search import Indices
from sweeps.reports.blocks import Block, Note, Picture, Section, Table, label, short
from sweeps.reports.marks import Trace, dots, legend, told
from sweeps.reports.view import View
from sweeps.screen.figures import show_value

QUESTION = "Is a range too small, are there enough points, and where are trials lost?"
_MOST_ENDS = 12
_PARTS = 10  # of a range in the picture of what is lost
_MOST_TRIALS = 20_000
_MOST_POINTS = 4_000
_READ = (
    "each row is a range from its low end on the left to its high end on the right, on its own scale; "
    "orange are the elites, which are the best trials of the search: √n of n. Grey are all. Elites that "
    "crowd at an end ask for a wider range."
)


def ranges(view: View) -> Section:
    """The section; its words are those of the analysis."""
    found = view.ranges
    if not found.elites or not view.axes:
        return Section("ranges", QUESTION, found.words)
    blocks: list[Block] = [_elites(view)]
    if found.edges:
        rows = [_row(edge) for edge in found.edges]
        blocks.append(Table(("hyperparameter", "where", "elites there", "try"), rows))
    if found.on_ends:
        blocks.append(_on_ends(found.on_ends))
    if found.lost:
        blocks += [Note("The share of trials that diverged or failed, by tenths of each range:"), _lost(view)]
    if view.too_many:
        blocks.append(Note(view.too_many))
    return Section(
        "ranges",
        QUESTION,
        found.words,
        blocks,
        _READ,
        "are the bounds of the search space bad, and were enough points sampled in it?",
    )


def _on_ends(found: Sequence[OnEnd]) -> Table:
    """Where a search would perhaps have gone further out."""
    most = sorted(found, key=lambda each: (-each.elites, -each.trials))[:_MOST_ENDS]
    rows = [
        (each.hyperparameter, f"{each.end} end, {show_value(each.value)}", str(each.trials), str(each.elites))
        for each in most
    ]
    return Table(("exactly on an end", "which", "trials", "elites among them"), rows)


def _row(edge: Edge) -> tuple[str, ...]:
    to = "it cannot move" if edge.proposed is None else show_value(edge.proposed)
    where = f"{edge.end} end, {show_value(edge.value)}"
    return edge.hyperparameter, where, f"{edge.elites} of {edge.of}", to


def _elites(view: View) -> Picture:
    axes = view.first_axes
    best = np.arange(len(elites_of(view.search)))  # they are the first of those that are shown
    groups = (
        (
            sampled(np.arange(len(view.shown)), _MOST_POINTS // len(axes)),
            0.22,
            {"color": "@muted", "name": "all trials", "size": 3.5, "opacity": 0.5},
        ),
        (best, 0.1, {"color": "@warn", "name": f"elites: best {len(best)}", "size": 8, "opacity": 0.9}),
    )
    traces = [_rows(view, shown, len(axes), spread, style) for shown, spread, style in groups]
    texts = [label(short(axis.name, 18)) for axis in axes]
    y = {
        "tickvals": list(range(len(axes))),
        "ticktext": texts,
        "range": [len(axes) - 0.5, -0.5],
        "showgrid": False,
    }
    x = {
        "range": [-0.02, 1.02],
        "tickvals": [0, 0.1, 0.5, 0.9, 1],
        "ticktext": ["low", "", "middle", "", "high"],
    }
    return Picture(traces, legend({"xaxis": x, "yaxis": y}), height=90 + 40 * len(axes))


def _rows(view: View, shown: Indices, axes: int, spread: float, style: dict[str, Any]) -> Trace:
    """Some of the shown trials as points, in a row for each hyperparameter, moved up and down a little."""
    places, units = view.shown[shown], view.points[shown][:, view.first_places]
    rows = np.arange(axes) + np.random.default_rng(0).uniform(-spread, spread, units.shape)
    about = told(np.repeat(view.search.number[places], axes), np.repeat(view.objectives[places], axes))
    return dots(units.ravel(), rows.ravel(), **style, **about)


def _counts(units: NDArray[np.float64], lost: NDArray[np.bool_]) -> tuple[NDArray[np.int64], ...]:
    """How many trials were lost in each part of a range, and how many lie there."""
    active = np.isfinite(units)
    part = np.minimum((units[active] * _PARTS).astype(int), _PARTS - 1)
    return np.bincount(part[lost[active]], minlength=_PARTS), np.bincount(part, minlength=_PARTS)


def _lost(view: View) -> Picture:
    search, axes = view.search, view.first_axes
    ended = sampled(np.flatnonzero(search.finite | search.lost), _MOST_TRIALS)
    points, lost = search.points(ended)[:, view.first_places], search.lost[ended]
    counts = [_counts(points[:, k], lost) for k in range(len(axes))]
    trace = {
        "type": "heatmap",
        "z": [np.where(of > 0, some / np.maximum(of, 1), np.nan) for some, of in counts],
        "text": [[f"{a} of {b}" for a, b in zip(*both, strict=True)] for both in counts],
        "zmin": 0,
        "zmax": 1,
        "colorscale": [[0, "@panel"], [1, "@bad"]],
        "xgap": 2,
        "ygap": 2,
        "hovertemplate": "%{text} lost<extra></extra>",
        "colorbar": {"tickformat": ".0%", "thickness": 10, "outlinewidth": 0, "len": 0.9, "nticks": 3},
    }
    names = [label(short(axis.name, 18)) for axis in axes]
    y = {"tickvals": list(range(len(axes))), "ticktext": names, "autorange": "reversed", "showgrid": False}
    x = {
        "tickvals": [0, (_PARTS - 1) / 2, _PARTS - 1],
        "ticktext": ["low", "middle", "high"],
        "showgrid": False,
    }
    return Picture([trace], {"xaxis": x, "yaxis": y}, height=80 + 26 * len(axes))
