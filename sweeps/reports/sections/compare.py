"""Several sweeps side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweeps import analysis
from sweeps.reports.axes import ObjectiveAxis
from sweeps.reports.blocks import Picture, Section, Table
from sweeps.reports.marks import legend, line
from sweeps.reports.view import View
from sweeps.screen.figures import show_number

QUESTION = "Which sweep is better?"
_COLORS = ("@accent", "@warn", "@good", "@second", "@bad", "@muted")
_DASHES = ("solid", "dash", "dot", "dashdot")
_MOST_POINTS = 800
_READ = (
    "first, the best so far over the epochs that each sweep has spent: lower (or higher, where more is "
    "better) at the same epochs is better. Then which part of the trials is at least as good as a "
    "value: a curve nearer to the best end has better trials throughout."
)


def compare(views: Sequence[View]) -> Section:
    """The section, of two views at least; its words are those of the analysis."""
    found = analysis.compare([view.result for view in views])
    values = ("trials", "epochs", "best", "at_equal", "mean", "spread", "n")
    rows = [
        (str(row["sweep"]), *(_figure(row[each]) for each in values)) for _, row in found.table.iterrows()
    ]
    headings = (
        "sweep",
        "trials",
        "epochs",
        "best",
        f"best at {found.equal:,} epochs",
        "mean over seeds",
        "spread",
        "seeds",
    )
    return Section(
        "compare",
        QUESTION,
        found.words,
        [Table(headings, rows, marked=0), _best(views, found), _shares(views, found)],
        _READ,
        "is the change an improvement, or within the variance between trials?",
    )


def _figure(value: object) -> str:
    if isinstance(value, int | np.integer):
        return f"{value:,}"
    return show_number(None if pd.isna(value) else float(value))  # type: ignore[call-overload, arg-type]


def _best(views: Sequence[View], found: analysis.Comparison) -> Picture:
    curves = found.curves[found.curves["best"].notna()]
    axis = _axis(views, curves["best"].to_numpy(float))
    traces = []
    for k, (name, rows) in enumerate(curves.groupby("sweep", sort=False)):
        style = {"shape": "hv", "dash": _DASHES[k // len(_COLORS) % len(_DASHES)]}
        traces.append(
            line(
                rows["epochs"], axis.places(rows["best"]), _COLORS[k % len(_COLORS)], str(name), 2.5, **style
            )
        )
    layout = {
        "xaxis": {"title": {"text": "epochs that all trials have trained"}, "rangemode": "tozero"},
        "yaxis": axis.layout(),
    }
    return Picture(traces, legend(layout), "Best so far", 340)


def _shares(views: Sequence[View], found: analysis.Comparison) -> Picture:
    axis = _axis(views, found.ecdf["objective"].to_numpy(float))
    traces = []
    for k, (name, rows) in enumerate(found.ecdf.groupby("sweep", sort=False)):
        rows = rows.iloc[np.unique(np.linspace(0, len(rows) - 1, min(len(rows), _MOST_POINTS)).astype(int))]
        style = {"shape": "hv", "dash": _DASHES[k // len(_COLORS) % len(_DASHES)]}
        traces.append(
            line(rows["objective"], rows["share"], _COLORS[k % len(_COLORS)], str(name), 2.5, **style)
        )
    y = {"tickformat": ".0%", "range": [0, 1.02], "title": {"text": "trials at least as good"}}
    return Picture(traces, legend({"xaxis": axis.layout(), "yaxis": y}), "How good the trials are", 340)


def _axis(views: Sequence[View], objectives: NDArray[np.float64]) -> ObjectiveAxis:
    sign = views[0].search.sign
    return ObjectiveAxis.of(views[0].metric, sign * objectives[np.isfinite(objectives)], sign)
