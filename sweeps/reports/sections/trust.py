"""What the search relied on: early epochs, and its surrogate."""

from __future__ import annotations

import math

import pandas as pd

from sweeps.analysis.wording import percent
from sweeps.reports.blocks import Block, Note, Picture, Section, Table
from sweeps.reports.marks import dots, line
from sweeps.reports.view import View

RUNGS = "Do early epochs mislead, and what did early stopping save?"
SURROGATE = "Can the model that guides the search be trusted?"
_WIDTH_90 = 1.645  # of a normal distribution, in deviations
_READ_RUNGS = (
    "a rung is an epoch at which trials are compared, and the worse ones stopped. 1 means that the order "
    "at that epoch was the order at the end, 0 that it said nothing. Only trials that went on can be "
    "compared, so the truth is higher than the points rather than lower."
)
_READ_SURROGATE = (
    "the model, or surrogate, foretells a config's objective from the trials so far. Each point is a "
    "complete trial, predicted by a model that has not seen it, with its interval of 90 %. Points on the "
    "dotted line are predicted exactly; intervals that miss it too often are too sure."
)


def rungs(view: View) -> Section:
    """Early epochs; its words are those of the analysis."""
    found = view.rungs
    known = found.table[found.table["correlation"].notna()]
    if known.empty:
        return Section("rungs", RUNGS, found.words)
    return Section(
        "rungs", RUNGS, found.words, [_correlations(view, known), _rungs(found.table)], _READ_RUNGS
    )


def _correlations(view: View, known: pd.DataFrame) -> Picture:
    up, down = known["high"] - known["correlation"], known["correlation"] - known["low"]
    bars = {"type": "data", "array": up, "arrayminus": down, "color": "@accent", "thickness": 1.5, "width": 5}
    about = {
        "text": [f"{n} trials" for n in known["compared"]],
        "hovertemplate": "ρ %{y:.2f}, %{text}<extra></extra>",
    }
    points = {**dots(known["epoch"], known["correlation"], "@accent", "ρ", 9, **about), "error_y": bars}
    end = view.search.epochs
    low = min(-0.05, float(known["low"].min()) - 0.05)
    layout = {
        "xaxis": {
            "title": {"text": "epoch at which trials were compared"},
            "range": [0, end],
            "tickvals": [*known["epoch"], end],
        },
        "yaxis": {"title": {"text": "Spearman's ρ with the end"}, "range": [low, 1.05]},
    }
    return Picture([line([0, end], [0, 0], "@line", "", 1), points], layout, height=280)


def _rungs(table: pd.DataFrame) -> Table:
    columns = (table[name] for name in ("epoch", "trials", "compared", "place"))
    rows = [
        (f"{epoch:.0f}", f"{trials:,.0f}", f"{compared:,.0f}", _stood(float(place)))
        for epoch, trials, compared, place in zip(*columns, strict=True)
    ]
    return Table(
        ("after epoch", "trials there", "of them trained to the end", "the best of the end stood"), rows
    )


def _stood(place: float) -> str:
    return "-" if math.isnan(place) else f"better than {percent(1 - place)}"


def surrogate(view: View) -> Section:
    """The Gaussian process; its words are those of the analysis."""
    found = view.surrogate_trust
    if found.correlation is None:
        return Section("surrogate", SURROGATE, found.words)
    blocks: list[Block] = [_predictions(found.table)]
    if len(found.table) < found.of:
        blocks.append(Note(f"{len(found.table)} of {found.of:,} complete trials are shown, drawn at random."))
    return Section("surrogate", SURROGATE, found.words, blocks, _READ_SURROGATE)


def _predictions(table: pd.DataFrame) -> Picture:
    both = table[["seen", "predicted"]].to_numpy(float)
    ends = [both.min(), both.max()]
    half = _WIDTH_90 * table["deviation"]
    bars = {"type": "data", "array": half, "color": "@muted/0.4", "thickness": 1, "width": 0}
    about = {"customdata": table["trial"], "hovertemplate": "trial %{customdata}<extra></extra>"}
    points = dots(table["seen"], table["predicted"], "@accent", "trials", 6, opacity=0.8, **about)
    traces = [line(ends, ends, "@muted", "", 1, dash="dot"), {**points, "error_y": bars}]
    layout = {
        "xaxis": {"title": {"text": "result, as the model learns it (less is better)"}},
        "yaxis": {"title": {"text": "prediction without it"}},
    }
    return Picture(traces, layout, height=360)
