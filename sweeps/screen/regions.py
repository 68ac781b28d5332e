"""The regions that rounds were drawn from, and why: a line each, or two where the terminal is narrow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from sweeps.results import RegionSummary
from sweeps.screen.figures import show_short

_NARROW = 110  # columns; below, reasons would be squeezed into a few letters a line
_ELITES = "elites are the best trials so far, around which a region is drawn"
Line: TypeAlias = tuple[tuple[str, ...], str]  # its cells, and the reason


def print_regions(console: Console, rows: Sequence[RegionSummary], every_round: bool) -> None:
    """The regions of the last round, or of every round by hyperparameter.

    rows: of the rounds table; a reason that all of them share is printed once.
    """
    if not rows:
        return
    last = max(row.round for row in rows)
    shown = rows if every_round else [row for row in rows if row.round == last]
    reasons = {row.reason for row in shown}
    which = "by round" if every_round else f"of round {last}, the last" if last else "of the only round"
    drawn = f"; {_ELITES}" if any(row.elites for row in shown) else ""
    console.print(Text(f"regions {which}{f': {reasons.pop()}' if len(reasons) == 1 else ''}{drawn}", "bold"))
    lines = _every_round(shown) if every_round else [(_cells(row), row.reason) for row in shown]
    (_print_narrow if console.width < _NARROW else _print_table)(console, lines, bool(reasons))


def _every_round(rows: Sequence[RegionSummary]) -> list[Line]:
    """Oldest round first for each hyperparameter, named once, in the order of the space."""
    lines = []
    for name in dict.fromkeys(row.hyperparameter for row in rows):
        of_name = [row for row in rows if row.hyperparameter == name]
        for i, row in enumerate(of_name):
            label, scale, *region = _cells(row)
            first = (label, scale) if i == 0 else ("", "")
            lines.append(((*first, f"round {row.round}", *region), row.reason))
    return lines


def _cells(row: RegionSummary) -> tuple[str, ...]:
    """Name, scale, region and how many elites it was drawn around; empty where there is nothing to say."""
    ends = [end for end in (row.low, row.high) if end is not None]
    region = " … ".join(show_short(end, 3) for end in ends) or "all choices"
    elites = f"{row.elites} elite{'s'[: row.elites != 1]}" if row.elites else ""
    return row.hyperparameter, row.scale or "", region, elites


def _print_table(console: Console, lines: Sequence[Line], with_reasons: bool) -> None:
    table = Table(box=None, show_header=False)
    table.add_column(style="cyan", overflow="fold", max_width=console.width // 3)
    for _ in lines[0][0][1:]:
        table.add_column(no_wrap=True)
    table.add_column()
    for cells, reason in lines:
        table.add_row(*map(Text, cells), Text(reason if with_reasons else ""))
    console.print(table)


def _print_narrow(console: Console, lines: Sequence[Line], with_reasons: bool) -> None:
    """The reason below the cells, and these in columns only where all of them fit."""
    columns = zip(*(cells for cells, _ in lines), strict=True)
    widths = [max(map(len, column)) for column in columns]
    fits = sum(widths) + 2 * len(widths) < console.width
    for cells, reason in lines:
        name, *rest = (f"{cell:{width if fits else 0}}" for cell, width in zip(cells, widths, strict=True))
        shown = "".join(f"  {cell}" for cell in rest if cell).rstrip()
        console.print(Text(" ") + Text(name, "cyan") + Text(shown))
        if with_reasons:
            console.print(Padding(Text(reason, "dim"), (0, 0, 0, 5), expand=False))
