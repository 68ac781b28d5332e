"""What epochs and workers' time were spent on, and what of it brought nothing."""

from __future__ import annotations

from sweeps.analysis.wording import percent
from sweeps.reports.blocks import Picture, Section, Table
from sweeps.reports.marks import legend
from sweeps.reports.view import View
from sweeps.screen.figures import show_seconds

QUESTION = "What was wasted?"
_READ = (
    "a row is a use, the bars are its parts of all epochs and of the workers' time while the sweep was "
    "at work; waiting is what is left of that time, the gaps in the timeline. What was stopped early is "
    "no waste: the search learns from it where not to look. Lost attempts, trained again, have no epochs "
    "here, since their trials count each epoch once."
)


def waste(view: View) -> Section:
    """The section; its words are those of the analysis."""
    found = view.waste
    if not found.workers:
        return Section("waste", QUESTION, found.words)
    return Section("waste", QUESTION, found.words, [_shares(view), _uses(view)], _READ)


def _shares(view: View) -> Picture:
    table = view.waste.table
    traces = [
        {
            "type": "bar",
            "orientation": "h",
            "y": table["what"].tolist(),
            "x": (table[name] / max(float(table[name].sum()), 1e-12)).to_numpy(float),
            "name": title,
            "marker": {"color": color},
            "hovertemplate": f"%{{y}}: %{{x:.1%}} of {title}<extra></extra>",
        }
        for name, title, color in (("epochs", "epochs", "@muted"), ("seconds", "workers' time", "@accent"))
    ]
    x = {"tickformat": ".0%", "rangemode": "tozero"}
    y = {"autorange": "reversed", "showgrid": False, "automargin": True}
    return Picture(traces, legend({"xaxis": x, "yaxis": y, "barmode": "group"}), height=110 + 40 * len(table))


def _uses(view: View) -> Table:
    table = view.waste.table
    whole = max(float(table["seconds"].sum()), 1e-12)
    rows = [
        (what, f"{trials:,}", f"{epochs:,}", show_seconds(seconds), percent(seconds / whole))
        for what, trials, epochs, seconds in table[["what", "trials", "epochs", "seconds"]].itertuples(
            index=False
        )
    ]
    return Table(("", "trials", "epochs", "workers' time", "of it"), rows)
