"""Which hyperparameters matter, how surely, which act together, and which way each is better."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sweeps.analysis.wording import percent
from sweeps.errors import BadInput
from sweeps.reports.blocks import Block, Picture, Section, Table, label, short
from sweeps.reports.marks import legend
from sweeps.reports.sections.effects import READ, average_blocks, way_blocks
from sweeps.reports.view import View

QUESTION = "Which hyperparameters matter, and which only together?"
_MOST_BARS = 20
_PAIRS = 6
_WORTH_SHOWING = 0.005  # the least share of a pair
_PLAYBOOK = "which hyperparameters are worth tuning further, and which are a nuisance?"
_READ = (
    "the dark bar is the share of the variance of the objective (as ranks) that a hyperparameter "
    "explains alone, its whisker one standard deviation over the trees; the pale bar adds what it "
    "explains with others. Shares are of the searched ranges: a hyperparameter that was searched in a "
    "narrow range matters little there."
)


def importance(view: View) -> Section:
    """The section; its words are those of the analysis."""
    try:
        found = view.importance
    except BadInput as missing:
        why = f"scikit-learn is not installed, and grows the forest: {missing.fix}."
        return Section("importance", QUESTION, why)
    if found.r2 is None or found.table.empty:
        return Section("importance", QUESTION, found.words)
    blocks: list[Block] = [_bars(found.table.head(_MOST_BARS))]
    pairs = found.pairs[found.pairs["share"] > _WORTH_SHOWING].head(_PAIRS)
    blocks += [_pairs(pairs)] if len(pairs) else []
    blocks += [*average_blocks(view), *way_blocks(view)]
    return Section("importance", QUESTION, found.words, blocks, f"{_READ} {READ}", _PLAYBOOK)


def _pairs(pairs: pd.DataFrame) -> Table:
    columns = (pairs[name] for name in ("first", "second", "share", "spread"))
    rows = [
        (f"{first} and {second}", percent(share), percent(spread))
        for first, second, share, spread in zip(*columns, strict=True)
    ]
    return Table(
        ("pair", "share", "±"), rows, title="The strongest pairs, and what only both together explain"
    )


def _bars(table: pd.DataFrame) -> Picture:
    places = np.arange(len(table))
    share, total = table["share"].to_numpy(float), table["total"].to_numpy(float)
    whisker = {"type": "data", "array": table["spread"], "color": "@ink", "thickness": 1.2, "width": 4}
    base = {"type": "bar", "orientation": "h", "y": places, "width": 0.62}
    traces = [
        {
            **base,
            "x": np.maximum(total - share, 0),
            "base": share,
            "name": "with others",
            "marker": {"color": "@accent/0.3"},
            "customdata": total,
            "hovertemplate": "in all %{customdata:.1%}<extra></extra>",
        },
        {
            **base,
            "x": share,
            "name": "alone",
            "marker": {"color": "@accent"},
            "error_x": whisker,
            "hovertemplate": "alone %{x:.1%}<extra></extra>",
        },
    ]
    names = [label(short(name, 24)) for name in table["hyperparameter"]]
    y = {"tickvals": places, "ticktext": names, "range": [len(table) - 0.4, -0.6], "showgrid": False}
    x = {
        "tickformat": ".0%",
        "range": [0, 1.04 * float(np.max(np.maximum(total, share + table["spread"])))],
        "title": {"text": "share of the variance"},
    }
    return Picture(
        traces, legend({"xaxis": x, "yaxis": y, "barmode": "overlay"}), height=100 + 32 * len(table)
    )
