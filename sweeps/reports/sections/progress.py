"""How the best improved over epochs spent and over time."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sweeps.reports.axes import ObjectiveAxis
from sweeps.reports.blocks import Block, Note, Picture, Section
from sweeps.reports.marks import dots, legend, line, told
from sweeps.reports.view import MOST_POINTS, View

QUESTION = "How did the best of the search improve, over epochs and over time?"
_READ = (
    "each point is a job that has ended, at the objective that its trial had by then; the line is the "
    "best so far. A line that has long been flat says that more of the same brings little. Time in "
    "which nothing was at work is left out."
)


def progress(view: View) -> Section:
    """The section; its words are those of the analysis."""
    found = view.progress
    steps = found.steps
    if found.improvements.empty:
        return Section("progress", QUESTION, found.words)
    blocks: list[Block] = [_picture(view, steps, "epochs", "epochs that all trials have trained")]
    if steps["seconds"].max() > 0:
        seconds, unit = _unit(float(steps["seconds"].max()))
        timed = steps.assign(seconds=steps["seconds"] / seconds)
        blocks.append(_picture(view, timed, "seconds", f"{unit} of work"))
    if len(steps) > MOST_POINTS:
        blocks.append(Note(f"Of {len(steps):,} jobs, {MOST_POINTS:,} drawn at random are shown as points."))
    return Section(
        "progress",
        QUESTION,
        found.words,
        blocks,
        _READ,
        "has the search converged, or would more trials still help?",
    )


def _picture(view: View, steps: pd.DataFrame, column: str, title: str) -> Picture:
    known = steps[steps["objective"].notna()]
    axis = ObjectiveAxis.of(
        view.metric, known["objective"].to_numpy(float) * view.search.sign, view.search.sign
    )
    if len(known) > MOST_POINTS:
        known = known.iloc[np.sort(np.random.default_rng(0).choice(len(known), MOST_POINTS, replace=False))]
    better = steps[steps["improved"]]
    x = [*better[column], steps[column].iloc[-1]]
    y = [*better["best"], better["best"].iloc[-1]]
    about = told(known["trial"].to_numpy(), known["objective"].to_numpy(float))
    points = dots(
        known[column], axis.places(known["objective"]), "@muted", "a job's trial", 4, opacity=0.6, **about
    )
    record = line(x, axis.places(y), "@warn", "best so far", 2.5, shape="hv")
    layout = {"xaxis": {"title": {"text": title}, "rangemode": "tozero"}, "yaxis": axis.layout(0.02)}
    return Picture([points, record], legend(layout), height=320, small=True)


def _unit(seconds: float) -> tuple[float, str]:
    return (3600.0, "hours") if seconds > 7200 else (60.0, "minutes") if seconds > 180 else (1.0, "seconds")
