"""Two or more sweeps side by side: what each has reached, and with how much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from sweeps.errors import BadInput
from sweeps.results import BestSummary, SweepResult, load, summarize
from sweeps.screen.console import Screen
from sweeps.screen.figures import show_number, show_path, show_seconds, show_value
from sweeps.screen.live import Follower, LiveState


@dataclass(frozen=True)
class SweepFigures:
    """A sweep beside others.

    Attributes:
        directory: Its folder. name, metric, mode: Its own.
        state: Such as "running" or "complete".
        trials: How many of the search have begun. epochs: Those of the search. seconds: That processes have
            worked on it.
        best: The config to take, None without one.
        best_of_search: The best objective of the search. at_equal_epochs: What that was when the search had
            spent as many epochs as the shortest of the sweeps compared.
        equal_epochs: How many those are.
        space: What is searched, in a spec's form.
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


def compared(directories: Sequence[Path], now: float) -> list[SweepFigures]:
    """The sweeps in these folders.

    Args:
        directories: Two at least.
        now: The time, in seconds since 1970.

    Raises:
        BadInput: A folder holds no sweep, its log is damaged, or two sweeps cannot be compared, since they go
            by different metrics.
    """
    results = [load(directory) for directory in directories]
    _check_comparable(results)
    states = [_state(result) for result in results]
    equal = min(state.ledger.search_epochs for state in states)
    return [_figures(result, state, equal, now) for result, state in zip(results, states, strict=True)]


def _check_comparable(results: Sequence[SweepResult]) -> None:
    if len(results) < 2:
        fix = "give the folders of two sweeps at least; `caviar show` shows one"
        raise BadInput("dir", str(results[0].path) if results else "", "is nothing to compare with", fix)
    first = results[0]
    for other in results[1:]:
        for key in ("metric", "mode"):
            if other.spec[key] != first.spec[key]:
                rule = f"is not that of {show_path(first.path)}, which is {first.spec[key]}"
                raise BadInput(
                    f"{show_path(other.path)}: {key}", other.spec[key], rule, "compare like with like"
                )


def _state(result: SweepResult) -> LiveState:
    follower = Follower(result.path)
    follower.read()
    if follower.state is None or not follower.state.events:
        raise BadInput(str(result.path), "log", "has no events", "wait for its first trials")
    return follower.state


def _figures(result: SweepResult, state: LiveState, equal: int, now: float) -> SweepFigures:
    summary = summarize(result)
    over = state.ended is not None or summary.state.kind == "died"
    return SweepFigures(
        directory=result.path,
        name=summary.name,
        metric=summary.metric,
        mode=summary.mode,
        state=summary.state.kind,
        trials=summary.begun,
        epochs=summary.epochs.search,
        seconds=state.seconds(state.last_time if over else now),
        best=summary.best,
        best_of_search=None if summary.best_of_search is None else summary.best_of_search.objective,
        at_equal_epochs=state.curve.at(equal),
        equal_epochs=equal,
        space=state.spec.model_dump()["space"],
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
    return [
        ("state", [each.state for each in sweeps]),
        (f"best {metric}", [_best(each.best, metric) for each in sweeps]),
        (f"best {metric} of the search", [show_number(each.best_of_search) for each in sweeps]),
        (f"the same after {equal:,} epochs", [show_number(each.at_equal_epochs) for each in sweeps]),
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
