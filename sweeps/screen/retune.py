"""What a retune has found, on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from sweeps.retuning.outcome import CONSTANT
from sweeps.screen.console import Screen
from sweeps.screen.figures import show_number, show_path, show_value

if TYPE_CHECKING:
    from sweeps.retuning import Drift, Retuned

_COLUMNS = 10  # of the data, that are shown
_STYLES = {"still best": "bold green", "tied": "bold green", "lost": "bold yellow"}


def print_retuned(found: Retuned, screen: Screen | None = None) -> None:
    """The verdict, what it cost, what has moved, the drift of the data, and what to do."""
    screen = screen or Screen()
    screen.print(Text(found.words, _STYLES["lost" if found.guess else found.verdict.kind]), soft_wrap=True)
    for line in (told_before(found), told_cost(found), told_order(found)):
        if line:
            screen.print(Text(line), soft_wrap=True)
    if found.verdict.kind == "lost":
        screen.print(_moved(found))
    _print_drift(found, screen)
    screen.print(Text(found.advice, "bold"), soft_wrap=True)
    screen.print(Text(f"all of it: {show_path(found.directory / 'retune.json')}", "dim"), soft_wrap=True)


def told_before(found: Retuned) -> str:
    """The winner's metric then and now."""
    if found.before is None or found.verdict.winner is None:
        return ""
    change = "clearly worse" if found.worse else "as seeds and splits have it"
    then, now = show_number(found.before), show_number(found.verdict.winner)
    return f"The old winner's {found.metric}: {then} before, {now} now, {change}.{_told_baseline(found)}"


def _told_baseline(found: Retuned) -> str:
    """A plain model then and now, which shows whether the data, or their split, have become harder."""
    both = [
        name for name in ("linear", CONSTANT) if name in found.baselines and name in found.baselines_before
    ]
    if not both or found.before is None or found.verdict.winner is None:
        return ""
    then, now = found.baselines_before[both[0]], found.baselines[both[0]]
    sign = 1 if found.mode == "min" else -1
    harder = 0.5 * (found.verdict.winner - found.before) * sign <= (now - then) * sign
    why = ": the data, or their split, are harder" if found.worse and harder else ""
    return f" The {both[0]} baseline: {show_number(then)} before, {show_number(now)} now{why}."


def told_cost(found: Retuned) -> str:
    """Of the check, and of the search."""
    search = f", and the search after it {found.search_epochs:,}" if found.search_epochs else ""
    check = f"The check has cost {found.epochs:,} epochs, {found.share:.0%} of the earlier sweep's"
    return f"{check} {found.old_epochs:,}{search}."


def told_order(found: Retuned) -> str:
    """Whether the earlier best are in the same order."""
    order = found.agreement
    if order is None:
        return ""
    tau = f"Kendall's tau {order.tau:.2f} (95 %: {order.low:.2f} to {order.high:.2f})"
    epochs = f"{order.epochs} epoch{'s'[: order.epochs != 1]}"
    return f"Order of the {order.configs} earlier best then and now, after {epochs}: {tau}."


def _moved(found: Retuned) -> Table:
    table = Table(box=None)
    for heading in ("where good configs lie", "before", "now", "shift"):
        table.add_column(heading, overflow="fold")
    for each in found.moved:
        shift = "" if each.shift is None else f"{each.shift:+.0%} of the range"
        table.add_row(Text(each.hyperparameter), show_value(each.before), show_value(each.now), shift)
    return table


def _print_drift(found: Retuned, screen: Screen) -> None:
    if found.drift is None:
        screen.print(Text(f"Drift of the data is not known: {found.drift_why}.", "dim"), soft_wrap=True)
        return
    screen.print(Text(told_drift(found.drift)), soft_wrap=True)
    shown = [each for each in found.drift if each.changed][:_COLUMNS]
    if shown:
        table = Table(box=None)
        for heading in DRIFT_HEADINGS:
            table.add_column(heading, overflow="fold")
        for each in shown:
            table.add_row(*map(Text, drift_row(each)))
        screen.print(table)


DRIFT_HEADINGS = ("column", "drift", "index", "by chance", "missing", "")


def told_drift(drift: tuple[Drift, ...]) -> str:
    """How many columns have drifted."""
    changed, much = sum(each.changed for each in drift), sum(each.much for each in drift)
    unknown = sum(not each.known for each in drift)
    columns = f"{len(drift)} column{'s'[: len(drift) != 1]}"
    rest = f" Of {unknown} it is not known: the summary is not whole." if unknown else ""
    if not changed:
        return f"None of the data's {columns} has drifted.{rest}"
    have = "has" if changed == 1 else "have"
    how = ("by much" if much else "not by much") if changed == 1 else f"{much} of them by much"
    return f"{changed} of the data's {columns} {have} drifted, {how}.{rest}"


def drift_row(each: Drift) -> tuple[str, ...]:
    """Of a table with `DRIFT_HEADINGS`."""
    name = f"{each.column} (to predict)" if each.label else each.column
    then, now = each.missing
    missing = f"{then:.1%} → {now:.1%}" if max(then, now) > 0 and each.index is not None else ""
    index, chance = ("" if value is None else f"{value:.3f}" for value in (each.index, each.chance))
    return name, each.size, index, chance, missing, each.words
