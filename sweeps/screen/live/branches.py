"""The branches of a model that a person babysits, in the picture: their curves, and what was changed."""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from sweeps.nudging.curves import Branches, Intervention
from sweeps.screen.figures import show_number
from sweeps.screen.live.curve import plotted
from sweeps.screen.live.lines import line
from sweeps.screen.live.state import LiveState
from sweeps.trial import Status

_MARGIN = 10  # columns of the axis's values
_PLOT = 5  # lines of a curve
_MOST = 3  # curves
_MARK = "▲"


def curves(state: LiveState, lines: int, width: int) -> list[Text]:
    """The curve of each branch in training, the best first, with marks where something was changed."""
    branches = state.branches
    if branches is None or not branches.values:
        return []
    shown = _shown(state, branches)[: max(min(_MOST, lines // (_PLOT + 2)), 1)]
    found: list[Text] = []
    for trial in shown:
        found += _curve(state, branches, trial, width)
    return found[:lines]


def interventions(state: LiveState, lines: int, width: int) -> list[Text]:
    """What was changed last, and what the metric did then; a line each."""
    branches = state.branches
    if branches is None or not branches.interventions:
        return []
    last = branches.interventions[::-1][: max(lines - 1, 1)]
    head = f"interventions: {len(branches.interventions)}; the last first"
    return [line(head, "bold"), *(line(f"  {in_words(branches, each)}") for each in last)]


def in_words(branches: Branches, found: Intervention) -> str:
    """An intervention in a line, with its effect."""
    whose = f", {found.author}" if found.author else ""
    why = f" ({found.reason})" if found.reason else ""
    effect = branches.effect(found)
    said = "" if effect is None else f": {branches.metric} {effect[0]:.4g} → {effect[1]:.4g}"
    return f"epoch {found.epoch}, branch {found.trial}: {found.what or 'as it was'}{why}{whose}{said}"


def _shown(state: LiveState, branches: Branches) -> list[int]:
    """Those with values, the best first."""
    ranked = [row.trial for row in state.top(len(branches.values))]
    return [*ranked, *(trial for trial in branches.values if trial not in ranked)]


def _curve(state: LiveState, branches: Branches, trial: int, width: int) -> list[Text]:
    curve = branches.curve(trial)
    if not curve:
        return []
    columns, last = max(width - _MARGIN, 1), max(curve)
    places = [max(1, round(last * (column + 1) / columns)) for column in range(columns)]
    rows, low, high = plotted([curve.get(epoch) for epoch in places], _PLOT)
    labels = [show_number(high), *[""] * (len(rows) - 2), show_number(low)]
    found = [line(_title(state, branches, trial, last, curve[last]), "bold")]
    for label, row in zip(labels, rows, strict=True):
        found.append(Text(f"{label:>{_MARGIN - 1}} ", "dim").append(row, "green"))
    marked = _marked(branches.marks(trial), last, columns)
    return [*found, Text(" " * _MARGIN + marked, "yellow")] if marked.strip() else found


def _title(state: LiveState, branches: Branches, trial: int, last: int, value: float) -> str:
    begun = branches.parents.get(trial)
    of = "" if begun is None else f", from epoch {begun[1]} of branch {begun[0]}"
    status = state.ledger.rows[trial].status
    if trial in branches.left and status in (Status.PAUSED, Status.STOPPED):
        said = "left"
    else:
        said = branches.status(trial, status) if state.ended is None else status
    return f"branch {trial}{of}: {branches.metric} {value:.4g} at epoch {last}, {said}"


def _marked(marks: Sequence[Intervention], last: int, columns: int) -> str:
    """A mark under each place where something was changed."""
    found = [" "] * columns
    for each in marks:
        found[min(max(round(each.epoch * columns / last) - 1, 0), columns - 1)] = _MARK
    return "".join(found)
