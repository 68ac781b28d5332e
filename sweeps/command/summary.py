"""What a sweep has come to, for a person and for a program."""

from __future__ import annotations

import math
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from sweeps.tables import SweepResult


def summary(result: SweepResult) -> dict[str, Any]:
    """Status, best trial and regions as plain JSON values; NaN becomes None."""
    spec, best = result.spec, result.best
    return {
        "directory": str(result.path),
        "name": spec["name"],
        "metric": spec["metric"],
        "mode": spec["mode"],
        "trials": spec["trials"],
        "status": {str(name): int(n) for name, n in result.trials["status"].value_counts().items()},
        "epochs": int(result.trials["epochs"].sum()),
        "first_error": next(iter(result.trials["error"].dropna()), None),
        "best": None
        if best is None
        else {**vars(best), "config": _plain(best.config), "metrics": _plain(best.metrics)},
        "rounds": [_plain(row) for row in result.rounds.to_dict("records")],
    }


def print_summary(found: dict[str, Any], every_round: bool) -> None:
    """The same for a person, with the regions of every round, or of the first and the last."""
    console = Console(highlight=False)
    begun = sum(found["status"].values())
    parts = ", ".join(f"{n} {status}" for status, n in found["status"].items())
    name, folder = escape(found["name"]), escape(found["directory"])
    console.print(
        f"[bold]{name}[/]  {begun} of {found['trials']} trials ({parts}), {found['epochs']} epochs  {folder}"
    )
    if found["best"] is None:
        console.print("no trial has an objective")
    else:
        best = found["best"]
        title = (
            f"best: trial {best['trial']}, {found['metric']} {best['objective']:.4g} at epoch {best['epoch']}"
        )
        console.print(title, style="bold green", markup=False)
        console.print(_best_table(best))
    if found["first_error"]:
        last_line = found["first_error"].rstrip().splitlines()[-1]
        console.print(
            f"first error: {last_line} (all in the column error of trials/)", style="red", markup=False
        )
    if found["rounds"]:
        count = 1 + max(row["round"] for row in found["rounds"])
        title = (
            "regions by round"
            if every_round
            else f"regions: the first and the last of {count} round{'s'[: count > 1]}"
        )
        console.print(title, style="bold")
        console.print((_every_round if every_round else _first_and_last)(found["rounds"]))


def _best_table(best: dict[str, Any]) -> Table:
    table = Table(show_header=False, box=None)
    table.add_column(style="cyan")
    table.add_column()
    for name, value in best["config"].items():
        table.add_row(escape(name), escape(show_value(value)))
    for name, value in sorted(best["metrics"].items(), key=lambda item: _split_order(item[0])):
        table.add_row(
            escape(name), "-" if value is None else f"{value:.4f}", style="bold" if "test" in name else None
        )
    return table


def _every_round(rows: list[dict[str, Any]]) -> Table:
    table = _regions_table("round", "region", "why")
    for name, of_name in _by_hyperparameter(rows).items():
        for i, row in enumerate(of_name):
            table.add_row(
                escape(name) if i == 0 else "", str(row["round"]), _range(row), escape(row["reason"])
            )
    return table


def _first_and_last(rows: list[dict[str, Any]]) -> Table:
    table = _regions_table("first", "last", "why")
    for name, of_name in _by_hyperparameter(rows).items():
        table.add_row(escape(name), _range(of_name[0]), _range(of_name[-1]), escape(of_name[-1]["reason"]))
    return table


def _regions_table(*headings: str) -> Table:
    table = Table(box=None)
    table.add_column("hyperparameter", style="cyan")
    for heading in headings:
        table.add_column(heading)
    return table


def _by_hyperparameter(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The rows of each, oldest round first, in the order of the space."""
    names = dict.fromkeys(row["hyperparameter"] for row in rows)
    return {name: [row for row in rows if row["hyperparameter"] == name] for name in names}


def _range(row: dict[str, Any]) -> str:
    if row["low"] is None:
        return "all choices"
    return f"{row['low']:.3g} … {row['high']:.3g}"


def show_value(value: Any) -> str:
    """A config's value as short as it stays readable."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _split_order(metric: str) -> tuple[int, str]:
    order = ("train", "val", "test")
    return next((i for i, split in enumerate(order) if metric.startswith(split)), len(order)), metric


def _plain(row: dict[Any, Any]) -> dict[str, Any]:
    return {str(k): None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()}
