"""What a sweep has come to, for a person and for a program."""

from __future__ import annotations

import math
from typing import Any

from rich.table import Table
from rich.text import Text

from sweeps.command.figures import show_metric, show_path, show_value
from sweeps.command.finalists import print_finalists
from sweeps.command.regions import print_regions
from sweeps.command.screen import Screen
from sweeps.execution import DIVERGED
from sweeps.tables import Best, SweepResult


def summary(result: SweepResult) -> dict[str, Any]:
    """Status, finalists, best config and regions as plain JSON values; NaN becomes None."""
    spec, trials = result.spec, result.trials
    search = trials[trials["repeats"].isna()]
    return {
        "directory": show_path(result.path),
        "name": spec["name"],
        "metric": spec["metric"],
        "mode": spec["mode"],
        "trials": spec["trials"],
        "status": {str(name): int(n) for name, n in search["status"].value_counts().items()},
        "epochs": {
            "search": int(search["epochs"].sum()),
            "finalists": int(trials["epochs"].sum() - search["epochs"].sum()),
        },
        "repeats": len(trials) - len(search),
        "first_error": next(iter(trials["error"].dropna()), None),
        "finalists": [_plain(row) for row in result.finalists.to_dict("records")],
        "best": _best(result.best),
        "best_of_search": _best(result.best_of_search),
        "rounds": [_plain(row) for row in result.rounds.to_dict("records")],
    }


def print_summary(found: dict[str, Any], every_round: bool) -> None:
    """The same for a person, with the regions of every round, or of the last."""
    console = Screen()
    console.print(Text(found["name"], "bold") + Text(f"  {_progress(found)}  {found['directory']}", ""))
    print_finalists(console, found["finalists"], found["metric"])
    if found["best"] is None:
        console.print(f"no trial has an objective{_why_none(found['status'])}")
    else:
        console.print(Text(_best_title(found), "bold green"))
        console.print(_best_table(found["best"]))
    if found["first_error"]:
        what = _what_was_raised(found["first_error"])
        console.print(Text(f"first error: {what} (all in the column error of trials/)", "red"))
    print_regions(console, found["rounds"], every_round)


def _progress(found: dict[str, Any]) -> str:
    parts = ", ".join(f"{n} {status}" for status, n in found["status"].items())
    begun = f"{sum(found['status'].values())} of {found['trials']} trials ({parts})"
    epochs = found["epochs"]
    if not found["repeats"]:
        return f"{begun}, {epochs['search']} epochs"
    return f"{begun}, {epochs['search']} epochs in the search and {epochs['finalists']} for the finalists"


def _why_none(status: dict[str, int]) -> str:
    return f"; a trial is infeasible where {DIVERGED}" if status.get("infeasible") else ""


def _what_was_raised(error: str) -> str:
    """The last line of a traceback, with the lines that a longer message has after it."""
    lines = error.rstrip().splitlines()
    last_frame = max((k for k, line in enumerate(lines) if line.startswith("  File ")), default=-1)
    message = [k for k, line in enumerate(lines) if k > last_frame and line[:1] not in (" ", "")]
    return " ".join(line.strip() for line in lines[message[0] :]) if message else lines[-1]


def _best_title(found: dict[str, Any]) -> str:
    best, metric = found["best"], found["metric"]
    if best["seeds"]:
        over = f"{best['seeds']} fresh seed{'s'[: best['seeds'] != 1]}"
        spread = f" ± {best['spreads'][metric]:.2g}" if metric in best["spreads"] else ""
        return f"best: trial {best['trial']}, {metric} {best['objective']:.4g}{spread} over {over}"
    which = "best of the search" if found["finalists"] else "best"
    return f"{which}: trial {best['trial']}, {metric} {best['objective']:.4g} at epoch {best['epoch']}"


def _best_table(best: dict[str, Any]) -> Table:
    table = Table(show_header=False, box=None)
    table.add_column(style="cyan")
    table.add_column()
    for name, value in best["config"].items():
        table.add_row(Text(name), Text(show_value(value)))
    for name, value in sorted(best["metrics"].items(), key=lambda item: _split_order(item[0])):
        spread = best["spreads"].get(name)
        figure = show_metric(value) + ("" if spread is None else f" ± {show_metric(spread)}")
        table.add_row(Text(name), figure, style="bold" if "test" in name else None)
    return table


def _best(best: Best | None) -> dict[str, Any] | None:
    if best is None:
        return None
    plain = {name: _plain(value) for name, value in vars(best).items() if isinstance(value, dict)}
    return {**vars(best), **plain}


def _split_order(metric: str) -> tuple[int, str]:
    order = ("train", "val", "test")
    return next((i for i, split in enumerate(order) if metric.startswith(split)), len(order)), metric


def _plain(row: dict[Any, Any]) -> dict[str, Any]:
    return {str(k): None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()}
