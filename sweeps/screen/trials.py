"""Trials on the screen: the best few as a table, and one with all that is known of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd
from rich.table import Table
from rich.text import Text

from sweeps.results.look import JobSummary, TrialRecord, TrialSummary
from sweeps.screen.console import Screen
from sweeps.screen.figures import show_metric, show_number, show_seconds, show_value
from sweeps.screen.live.curve import plotted
from sweeps.screen.live.lines import columns, fits, flowing
from sweeps.store.prints import PRINTS, prints_path
from sweeps.trial import Status

_PLOT_LINES = 6
_PRINTS = 20  # lines
_FIRST = 4  # columns of a table of trials, before its hyperparameters
_STRETCH = 6  # columns that an epoch has at most
_AXIS = 12  # columns of the values beside a plot


def print_top(trials: Sequence[TrialSummary], metric: str, screen: Screen | None = None) -> None:
    """A row for each trial; on a narrow screen its config is below it."""
    screen = screen or Screen()
    if not trials:
        screen.print(Text("no trial has an objective yet", "yellow"))
        return
    names = list(dict.fromkeys(name for each in trials for name in each.config))
    constant = [name for name in names if len({repr(each.config.get(name)) for each in trials}) == 1]
    varied = [name for name in names if name not in constant or len(trials) == 1]
    rows = [["trial", metric, "epochs", "status", *varied]]
    for each in trials:
        values = [show_value(each.config[name]) if name in each.config else "" for name in varied]
        rows.append([str(each.trial), show_number(each.objective), str(each.epochs), each.status, *values])
    if fits(rows, screen.width):
        for text in columns(rows, screen.width, numbers=3):
            screen.print(text)
    else:
        _print_folded(screen, rows)
    number = f"{len(trials)} best trials" if len(trials) > 1 else "best trial"
    which = f"the {number} of the search by {metric}"
    if len(trials) > 1 and constant:
        same = ", ".join(f"{name} {show_value(trials[0].config.get(name))}" for name in constant)
        screen.print(Text(f" {which}; all have {same}", "dim"))
    else:
        screen.print(Text(f" {which}", "dim"))


def _print_folded(screen: Screen, rows: Sequence[Sequence[str]]) -> None:
    names = rows[0][_FIRST:]
    heads = columns([row[:_FIRST] for row in rows], screen.width, numbers=3)
    screen.print(heads[0])
    for row, head in zip(rows[1:], heads[1:], strict=True):
        screen.print(head)
        items = [f"{name} {value}" for name, value in zip(names, row[_FIRST:], strict=True) if value]
        for text in flowing(items, screen.width, indent=8):
            screen.print(text)


def print_trial(record: TrialRecord, metric: str, screen: Screen | None = None) -> None:
    """What it is, its config, its curve, its jobs, and its error in full."""
    screen = screen or Screen()
    for text in _head(record.summary, metric):
        screen.print(text, soft_wrap=True)
    table = Table(show_header=False, box=None)
    table.add_column(style="cyan", overflow="fold")
    table.add_column(overflow="fold")
    for name, value in record.summary.config.items():
        table.add_row(Text(name), Text(show_value(value)))
    for name, number in _at_best(record):
        table.add_row(Text(name), Text(show_metric(number)), style="bold")
    screen.print(table)
    if metric in record.metrics and record.metrics[metric].notna().any():
        _print_curve(screen, record.metrics, metric)
    if record.jobs:
        screen.print(Text("jobs", "bold"))
        rows = [["epochs", "began", "took", "worker", "outcome"], *map(_job_cells, record.jobs)]
        for text in columns(rows, screen.width, numbers=0):
            screen.print(text)
    if record.prints:
        _print_prints(screen, record)
    if record.summary.error:
        screen.print(Text("error", "bold red"))
        screen.print(Text(record.summary.error.rstrip()), soft_wrap=True)


def _head(trial: TrialSummary, metric: str) -> Iterator[Text]:
    again = f", which repeats trial {trial.repeats} on a fresh seed" if trial.repeats is not None else ""
    yield Text(f"trial {trial.trial}{again}: {trial.status}", "bold")
    reached = f"{metric} {trial.objective:.6g}" if trial.objective is not None else "no objective"
    at = f" at epoch {trial.best_epoch}" if trial.best_epoch is not None else ""
    if trial.status == Status.MEASURED:
        yield Text(f"{reached}, {trial.epochs} epochs elsewhere")
        return
    yield Text(f"{reached}{at}, {trial.epochs} epochs in {show_seconds(trial.seconds)}")
    worker = f", last by {trial.worker}" if trial.worker else ""
    yield Text(f"seed {trial.seed}, round {trial.round}{worker}", "dim")


def _at_best(record: TrialRecord) -> Iterator[tuple[str, float]]:
    """The metrics at the epoch that its objective is from."""
    rows = record.metrics[record.metrics["epoch"] == record.summary.best_epoch]
    for name, value in rows.iloc[0].items() if len(rows) else ():
        if name != "epoch":
            yield str(name), float(value)


def _print_curve(screen: Screen, metrics: pd.DataFrame, metric: str) -> None:
    known = metrics[metrics[metric].notna()]
    room = max(screen.width - _AXIS - 1, 1)
    wide = max(min(_STRETCH, room // max(len(known), 1)), 1)
    count = min(len(known), room)
    places = [round(k * (len(known) - 1) / max(count - 1, 1)) for k in range(count)]
    values = [float(known[metric].iloc[place]) for place in places for _ in range(wide)]
    rows, low, high = plotted(values, _PLOT_LINES)
    first, last = int(known["epoch"].iloc[0]), int(known["epoch"].iloc[-1])
    screen.print(Text(f"{metric}, epochs {first} to {last}", "bold"))
    labels = [show_number(high), *[""] * (len(rows) - 2), show_number(low)]
    for label, row in zip(labels, rows, strict=True):
        screen.print(Text(f"{label:>{_AXIS - 1}} ", "dim").append(row, "green"), no_wrap=True)


def _print_prints(screen: Screen, record: TrialRecord) -> None:
    lines = record.prints.splitlines()
    before = len(lines) - _PRINTS
    where = (
        f", the last {_PRINTS} of {len(lines):,} lines in {prints_path(Path(PRINTS), record.summary.trial)}"
    )
    screen.print(Text(f"printed{where if before > 0 else ''}", "bold"), soft_wrap=True)
    for text in lines[-_PRINTS:]:
        screen.print(Text(f"  {text}"), soft_wrap=True)


def _job_cells(job: JobSummary) -> list[str]:
    began = (job.started or job.asked)[:19].replace("T", " ")
    return [
        f"{job.start + 1} to {job.stop}",
        f"{began} UTC",
        show_seconds(job.seconds),
        job.worker,
        job.outcome,
    ]
