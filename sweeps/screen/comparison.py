"""Two or more sweeps side by side: what each has reached, and with how much."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from sweeps.analysis.compare import compare, labels_of
from sweeps.analysis.progress import progress
from sweeps.results import BestSummary, SweepResult, load, summarize
from sweeps.screen.console import Screen
from sweeps.screen.figures import show_number, show_path, show_seconds, show_value
from sweeps.spec import as_spec


@dataclass(frozen=True)
class SweepFigures:
    """A sweep beside others.

    Attributes:
        directory: Its folder. name, metric, mode: Its own.
        state: Such as "running" or "complete".
        trials: How many of the search have begun. epochs: Those of the search.
        seconds: For how long some trial of the search was in training or waited for its turn.
        best: The config to take, None without one.
        best_of_search: The best objective of the search. at_equal_epochs: What that was when the search had
            spent as many epochs as the shortest of the sweeps compared.
        equal_epochs: How many those are.
        space: What is searched, in a spec's form.
        caution: That the sweeps learn from other data, in words; "" where they learn from the same.
    """

    directory: Path
    name: str
    metric: str
    mode: str
    state: str
    trials: int
    epochs: int
    seconds: float
    best: BestSummary | None
    best_of_search: float | None
    at_equal_epochs: float | None
    equal_epochs: int
    space: Mapping[str, Any]
    caution: str = ""


def compared(directories: Sequence[Path]) -> list[SweepFigures]:
    """The sweeps in these folders, in the order given.

    Raises:
        BadInput: There are fewer than two, a folder holds no sweep, or two go by different metrics.
    """
    results = [load(directory) for directory in directories]
    found = compare(results)
    at_equal = found.table.set_index("sweep")["at_equal"]
    return [
        _figures(result, float(at_equal[label]), found.equal, found.caution)
        for result, label in zip(results, labels_of(results), strict=True)
    ]


def _figures(result: SweepResult, at_equal: float, equal: int, caution: str) -> SweepFigures:
    summary = summarize(result)
    seconds = progress(result).steps["seconds"]
    return SweepFigures(
        directory=result.path,
        name=summary.name,
        metric=summary.metric,
        mode=summary.mode,
        state=summary.state.kind,
        trials=summary.begun,
        epochs=summary.epochs.search,
        seconds=float(seconds.max()) if len(seconds) else 0.0,
        best=summary.best,
        best_of_search=None if summary.best_of_search is None else summary.best_of_search.objective,
        at_equal_epochs=None if math.isnan(at_equal) else at_equal,
        equal_epochs=equal,
        space=as_spec(result.spec).model_dump()["space"],
        caution=caution,
    )


def differing_values(sweeps: Sequence[SweepFigures]) -> dict[str, list[Any]]:
    """Hyperparameters whose value in the best configs is not the same, with the value of each sweep."""
    configs = [{} if each.best is None else each.best.config for each in sweeps]
    return _differing(configs)


def differing_spaces(sweeps: Sequence[SweepFigures]) -> dict[str, list[Any]]:
    """Hyperparameters that are not searched alike, with the form in each sweep's spec; None for none."""
    return _differing([each.space for each in sweeps])


def _differing(mappings: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    names = dict.fromkeys(name for each in mappings for name in each)
    rows = {name: [each.get(name) for each in mappings] for name in names}
    return {name: row for name, row in rows.items() if len({repr(value) for value in row}) > 1}


def print_comparison(sweeps: Sequence[SweepFigures], screen: Screen | None = None) -> None:
    """A column for each sweep: figures first, then hyperparameters that differ."""
    screen = screen or Screen()
    if sweeps and sweeps[0].caution:
        screen.print(Text(sweeps[0].caution, "yellow"), soft_wrap=True)
    table = Table(box=None)
    table.add_column("")
    for each in sweeps:
        table.add_column(Text(show_path(each.directory)), overflow="fold")
    for name, row in _figure_rows(sweeps):
        table.add_row(Text(name), *map(Text, row))
    for title, rows in (
        ("best config, where it differs", differing_values(sweeps)),
        ("searched, where it differs", differing_spaces(sweeps)),
    ):
        if rows:
            table.add_row(Text(title, "bold"))
        for name, row in rows.items():
            table.add_row(
                Text(name, "cyan"), *(Text("-" if value is None else show_value(value)) for value in row)
            )
    screen.print(table)


def _figure_rows(sweeps: Sequence[SweepFigures]) -> list[tuple[str, list[str]]]:
    metric, equal = sweeps[0].metric, sweeps[0].equal_epochs
    equals = [show_number(each.at_equal_epochs) for each in sweeps]
    return [
        ("state", [each.state for each in sweeps]),
        (f"best {metric}", [_best(each.best, metric) for each in sweeps]),
        (f"best {metric} of the search", [show_number(each.best_of_search) for each in sweeps]),
        *([(f"the same after {equal:,} epochs", equals)] if equal else []),
        ("trials", [f"{each.trials:,}" for each in sweeps]),
        ("epochs of the search", [f"{each.epochs:,}" for each in sweeps]),
        ("time", [show_seconds(each.seconds) for each in sweeps]),
    ]


def _best(best: BestSummary | None, metric: str) -> str:
    if best is None:
        return "-"
    spread = f" ± {best.spreads[metric]:.2g}" if metric in best.spreads else ""
    seeds = f" over {best.seeds} seeds" if best.seeds else ""
    return f"{best.objective:.4g}{spread}{seeds} (trial {best.trial})"
