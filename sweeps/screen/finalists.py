"""The finalists on the screen, a row each."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from sweeps.results import FinalistSummary
from sweeps.screen.figures import show_number


def print_finalists(console: Console, finalists: Sequence[FinalistSummary], metric: str) -> None:
    """Mean and spread over fresh seeds, the objective in the search, and who is tied with the winner."""
    if finalists:
        console.print(Text(_title(finalists, metric), "bold"))
        console.print(_table(finalists))
        if sum(row.tied and not row.unsettled for row in finalists) > 1:
            console.print(Text(" tied: these seeds do not tell it from the winner", "dim"))


def _title(finalists: Sequence[FinalistSummary], metric: str) -> str:
    title = f"finalists: {metric} on fresh seeds, and in the search"
    if any(row.tied for row in finalists):
        return title
    return f"{title} ({'all have failed' if all(row.failed for row in finalists) else 'not over'})"


def _table(finalists: Sequence[FinalistSummary]) -> Table:
    table = Table(box=None)
    for heading in ("trial", "mean", "spread", "seeds", "search"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for i, row in enumerate(finalists):
        figures = (show_number(value) for value in (row.mean, row.spread))
        mark = "winner" if row.tied and i == 0 else row.verdict
        style = "bold green" if i == 0 and row.tied else None
        seeds, objective = str(row.seeds), show_number(row.objective)
        table.add_row(str(row.trial), *figures, seeds, objective, mark, style=style)
    return table
