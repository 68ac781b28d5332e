"""Parts of the section on importance: averages, the strongest pair as a map, the way to the best config."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy.special import ndtr

from sweeps.analysis.wording import percent
from sweeps.reports.axes import Axis, ObjectiveAxis
from sweeps.reports.blocks import Block, Note, Picture, Table, label, short
from sweeps.reports.marks import Trace, dots, line, told
from sweeps.reports.view import View, values
from sweeps.screen.figures import show_number, show_value

_MOST = 6  # hyperparameters with a picture
_TRIALS = 60  # of the best, upon the map
READ = (
    "Lines are the forest's average over all values of the other hyperparameters, with one standard "
    "deviation over its trees: good on average is not the same as good near the best config. On the map "
    "of two, the stronger the colour, the better; points are the best trials of the search. The last "
    "table changes the first config into the best of the search, a hyperparameter at a time, what brings "
    "most first; nothing was trained for it."
)


def average_blocks(view: View) -> Iterator[Block]:
    """A picture each of the hyperparameters that matter most, and one of the strongest pair."""
    table = view.effects.table
    if table.empty:
        return
    names = list(dict.fromkeys(table["hyperparameter"]))[:_MOST]
    table = table[table["hyperparameter"].isin(names)]
    ends = table[["low", "high", "objective"]].to_numpy(float).ravel()
    objective = ObjectiveAxis.of(view.metric, view.search.sign * ends, view.search.sign, share=1.0)
    axes = {axis.name: axis for axis in view.axes}
    yield Note(f"{view.effects.words} On the vertical axis, the average of {view.metric_name}:")
    for name in names:
        yield _average(axes[name], table[table["hyperparameter"] == name], objective)
    if len(view.effects.names) == 2 and len(view.effects.pair):
        yield _map(view, *(axes[name] for name in view.effects.names))


def way_blocks(view: View) -> Iterator[Block]:
    """The changes from the first config to the best one."""
    found = view.ablation
    if found.table.empty:
        return
    columns = (
        found.table[name] for name in ("hyperparameter", "before", "after", "objective", "share", "spread")
    )
    rows: list[tuple[str, ...]] = [(f"trial {found.start}", "", "", show_number(found.begins), "", "")]
    rows += [
        (str(name), _value(old), _value(new), show_number(value), _signed(share), percent(spread))
        for name, old, new, value, share, spread in zip(*columns, strict=True)
    ]
    yield Note(found.words)
    headings = ("change", "from", "to", f"{view.metric_name} predicted", "brings", "±")
    yield Table(headings, rows, title=f"From the first config to the best of the search, trial {found.end}")


def _average(axis: Axis, rows: pd.DataFrame, objective: ObjectiveAxis) -> Picture:
    x = axis.places(rows["value"].tolist())
    y, low, high = (objective.places(rows[name]) for name in ("objective", "low", "high"))
    if axis.labels:
        bars = {"type": "data", "array": high - y, "arrayminus": y - low, "color": "@accent", "width": 5}
        traces: list[Trace] = [{**dots(x, y, "@accent", "average", 9), "error_y": bars}]
    else:
        band = line(np.r_[x, x[::-1]], np.r_[high, low[::-1]], "@accent/0.0", "", 0)
        traces = [
            {**band, "fill": "toself", "fillcolor": "@accent/0.2"},
            {**line(x, y, "@accent", "average", 2.5), "hoverinfo": "y"},
        ]
    layout = {"xaxis": axis.layout(), "yaxis": {**objective.layout(bare=True), "nticks": 6}}
    return Picture(traces, layout, axis.name, 240, small=True)


def _map(view: View, first: Axis, second: Axis) -> Picture:
    """How good each combination is on average, as the share of trials that are worse, and the best trials."""
    pair = view.effects.pair
    grid = pair.assign(x=first.places(pair["first"].tolist()), y=second.places(pair["second"].tolist()))
    table = grid.pivot_table("score", "y", "x")
    heat = {
        "type": "heatmap",
        "x": table.columns.to_numpy(float),
        "y": table.index.to_numpy(float),
        "z": ndtr(-table.to_numpy(float)),
        "colorscale": [[0, "@panel"], [1, "@accent"]],
        "showscale": False,
        "hovertemplate": "better than %{z:.0%} of trials<extra></extra>",
    }
    best = view.shown[:_TRIALS]
    configs = view.shown_configs[:_TRIALS]
    x, y = (axis.jitter(axis.places(values(configs, axis.name))) for axis in (first, second))
    about = told(view.search.number[best], view.objectives[best])
    style = {"opacity": 0.8, "line": {"color": "@paper", "width": 0.5}}
    trials = dots(x, y, "@warn", f"best {len(best)} of the search", 6, **style, **about)
    layout = {
        "xaxis": {**first.layout(), "title": {"text": label(short(first.name, 40))}},
        "yaxis": {**second.layout(), "title": {"text": label(short(second.name, 40))}},
    }
    return Picture(
        [heat, trials], layout, f"{first.name} and {second.name} together, on average over the rest", 360
    )


def _value(value: object) -> str:
    return "none" if value is None else short(show_value(value), 40)


def _signed(share: float) -> str:
    return f"−{percent(-share)}" if share < 0 else percent(share)
