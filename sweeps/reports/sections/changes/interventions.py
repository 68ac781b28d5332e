"""What was changed while a model was trained: on the curves of its branches, and in a table."""

from __future__ import annotations

import numpy as np

from sweeps.analysis.wording import count
from sweeps.nudging.curves import Branches, Intervention, branches_of
from sweeps.reports.axes import ObjectiveAxis
from sweeps.reports.blocks import Block, Picture, Section, Table, label, short
from sweeps.reports.marks import Trace, dots, legend, line
from sweeps.reports.view import View

QUESTION = "What was changed on the way, and what came of it?"
_MOST = 8  # branches that are drawn
_ROWS = 60  # interventions in the table
_COLOURS = ("@accent", "@second", "@warn", "@muted")
_READ = (
    "a line is a branch, from its first epoch on, what it began from included; a dot is an epoch at which "
    "something was changed, and tells what when it is pointed at. The table has the metric there, and up to "
    "three epochs later."
)


def interventions(view: View) -> Section:
    """The section."""
    found = branches_of(view.result)
    trials = [trial for trial in found.values if found.curve(trial)][:_MOST]
    blocks: list[Block] = []
    if trials:
        blocks.append(_picture(view, found, trials))
    rows = [_row(found, each) for each in found.interventions[-_ROWS:]]
    headings = ("epoch", "branch", "what", "by", "why", f"{short(found.metric, 30)} then", "after")
    blocks.append(Table(headings, rows))
    return Section("interventions", QUESTION, _answer(found), blocks, _READ)


def _answer(found: Branches) -> str:
    epochs = len({(each.trial, each.epoch) for each in found.interventions})
    told = f"Something was changed {count(epochs, 'time', 'times')}"
    begun = count(len(found.parents), "branch begins", "branches begin")
    return f"{told}, and {begun} from the checkpoint of another."


def _picture(view: View, found: Branches, trials: list[int]) -> Picture:
    traces: list[Trace] = []
    for place, trial in enumerate(trials):
        curve, colour = found.curve(trial), _COLOURS[place % len(_COLOURS)]
        epochs = sorted(curve)
        traces.append(line(epochs, [curve[epoch] for epoch in epochs], colour, f"branch {trial}"))
        marks = [each for each in found.interventions if each.trial == trial and each.epoch in curve]
        about = {
            "text": [label(_told(each)) for each in marks],
            "hovertemplate": "epoch %{x}: %{text}<extra></extra>",
            "showlegend": False,
        }
        at = [each.epoch for each in marks]
        traces.append(dots(at, [curve[epoch] for epoch in at], colour, "", 10, **about))
    values = np.array([value for trial in trials for value in found.curve(trial).values()])
    axis = ObjectiveAxis.of(found.metric, view.search.sign * values, view.search.sign, share=1)
    layout = {"xaxis": {"title": {"text": "epoch"}, "rangemode": "tozero"}, "yaxis": axis.layout()}
    return Picture(traces, legend(layout), height=380)


def _told(found: Intervention) -> str:
    return f"{found.what or 'as it was'}{f' ({found.reason})' if found.reason else ''}"


def _row(found: Branches, each: Intervention) -> tuple[str, ...]:
    effect = found.effect(each)
    figures = ("", "") if effect is None else (f"{effect[0]:.4g}", f"{effect[1]:.4g}")
    words = (each.what or "as it was", each.author, each.reason)
    return (str(each.epoch), str(each.trial), *(short(text, 200) for text in words), *figures)
