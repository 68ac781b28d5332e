"""Which hyperparameters matter, how surely, and which act together."""

from __future__ import annotations

import numpy as np

from sweeps.analysis.wording import percent
from sweeps.errors import BadInput
from sweeps.reports.blocks import Block, Picture, Section, Table, label, short
from sweeps.reports.marks import legend
from sweeps.reports.view import View

QUESTION = "Which hyperparameters matter, and which only together?"
_MOST_BARS = 20
_PAIRS = 6


def importance(view: View) -> Section:
    """The section; its words are those of the analysis."""
    try:
        found = view.importance
    except BadInput as missing:
        return Section(
            "importance", QUESTION, f"scikit-learn is not installed, and grows the forest: {missing.fix}."
        )
    if found.r2 is None or found.table.empty:
        return Section("importance", QUESTION, found.words)
    pairs = found.pairs[found.pairs["share"] > 0.005].head(_PAIRS)
    rows = [
        (f"{p.first} and {p.second}", f"{percent(p.share)}", f"{percent(p.spread)}")  # type: ignore[arg-type]
        for p in pairs.itertuples()
    ]
    blocks: list[Block] = [_bars(view)]
    if rows:
        blocks += [
            Table(
                ("pair", "share", "±"), rows, title="The strongest pairs, and what only both together explain"
            )
        ]
    return Section(
        "importance",
        QUESTION,
        found.words,
        blocks,
        "the dark bar is the share of the variance of the objective (as ranks) that a hyperparameter "
        "explains alone, its whisker one standard deviation over the trees; the pale bar adds what it "
        "explains with others. Shares are of the searched ranges: a hyperparameter that was searched in a "
        "narrow range matters little there.",
        "which hyperparameters are worth tuning further, and which are a nuisance?",
    )


def _bars(view: View) -> Picture:
    table = view.importance.table.head(_MOST_BARS)
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
