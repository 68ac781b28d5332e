"""What the search relied on: early epochs, and its surrogate."""

from __future__ import annotations

import math

from sweeps.analysis.wording import percent
from sweeps.reports.blocks import Note, Picture, Section, Table
from sweeps.reports.marks import dots, line
from sweeps.reports.view import View

RUNGS = "Do early epochs mislead, and what did early stopping save?"
SURROGATE = "Can the surrogate be trusted?"


def rungs(view: View) -> Section:
    """Early epochs; its words are those of the analysis."""
    found = view.rungs
    known = found.table[found.table["correlation"].notna()]
    if known.empty:
        return Section("rungs", RUNGS, found.words)
    up, down = known["high"] - known["correlation"], known["correlation"] - known["low"]
    bars = {"type": "data", "array": up, "arrayminus": down, "color": "@accent", "thickness": 1.5, "width": 5}
    about = {
        "text": [f"{n} trials" for n in known["compared"]],
        "hovertemplate": "ρ %{y:.2f}, %{text}<extra></extra>",
    }
    trace = dots(known["epoch"], known["correlation"], "@accent", "ρ", 9, **about)
    y = {
        "range": [min(-0.05, float(known["low"].min()) - 0.05), 1.05],
        "title": {"text": "Spearman's ρ with the end"},
    }
    x = {
        "title": {"text": "rung (epoch)"},
        "range": [0, view.search.epochs],
        "tickvals": [*known["epoch"], view.search.epochs],
    }
    picture = Picture(
        [line([0, view.search.epochs], [0, 0], "@line", "", 1), {**trace, "error_y": bars}],
        {"xaxis": x, "yaxis": y},
        height=280,
    )
    columns = (found.table[name] for name in ("epoch", "trials", "compared", "place"))
    rows = [
        (f"{epoch:.0f}", f"{trials:,.0f}", f"{compared:,.0f}", _stood(float(place)))
        for epoch, trials, compared, place in zip(*columns, strict=True)
    ]
    headings = ("rung", "trials there", "of them trained to the end", "the best of the end stood")
    return Section(
        "rungs",
        RUNGS,
        found.words,
        [picture, Table(headings, rows)],
        "1 means that the order at the rung was the order at the end, 0 that it said nothing. Only trials "
        "that got past the rung can be compared, so the truth is higher than the points rather than lower.",
    )


def _stood(place: float) -> str:
    return "-" if math.isnan(place) else f"better than {percent(1 - place)}"


def surrogate(view: View) -> Section:
    """The Gaussian process; its words are those of the analysis."""
    found = view.surrogate_trust
    if found.correlation is None:
        return Section("surrogate", SURROGATE, found.words)
    table = found.table
    ends = [float(table[["seen", "predicted"]].min().min()), float(table[["seen", "predicted"]].max().max())]
    bars = {
        "type": "data",
        "array": 1.645 * table["deviation"],
        "color": "@muted/0.4",
        "thickness": 1,
        "width": 0,
    }
    about = {"customdata": table["trial"], "hovertemplate": "trial %{customdata}<extra></extra>"}
    points = dots(table["seen"], table["predicted"], "@accent", "trials", 6, opacity=0.8, **about)
    x = {"title": {"text": "result, as the surrogate learns it (less is better)"}}
    layout = {"xaxis": x, "yaxis": {"title": {"text": "prediction without it"}}}
    traces = [line(ends, ends, "@muted", "", 1, dash="dot"), {**points, "error_y": bars}]
    notes = (
        []
        if len(table) == found.of
        else [Note(f"{len(table)} of {found.of:,} complete trials are shown, drawn at random.")]
    )
    return Section(
        "surrogate",
        SURROGATE,
        found.words,
        [Picture(traces, layout, height=360), *notes],
        "each point is a complete trial, predicted by a model that has not seen it, with its interval of 90"
        " %. Points on the dotted line are predicted exactly; intervals that miss the line too often are "
        "too sure.",
    )
