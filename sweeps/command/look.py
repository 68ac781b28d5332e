"""Looking at a sweep that runs or has ended: `caviar watch`, `top`, `best`, `trial` and `compare`."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sweeps.command.shared import ELSE, Directory, complain, print_csv
from sweeps.errors import BadInput
from sweeps.screen.console import Screen, results

if TYPE_CHECKING:
    from pandas import DataFrame

    from sweeps.results import Summary

AsJson = Annotated[bool, typer.Option("--json", help="Print as JSON.")]
AsCsv = Annotated[bool, typer.Option("--csv", help="Print as CSV.")]


def watch(
    directory: Directory,
    once: Annotated[bool, typer.Option("--once", help="Print one picture and end.")] = False,
) -> None:
    """Watch a sweep from any terminal that sees its folder, until it is complete or you press Ctrl-C."""
    from sweeps.screen.following import follow, show_once

    with results():
        try:
            (show_once if once else follow)(directory)
        except KeyboardInterrupt:
            return


def top(
    directory: Directory,
    count: Annotated[int, typer.Option("-n", min=1, help="How many trials.")] = 10,
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Show the best trials of a sweep's search, a row each, or some lines where that is too long."""
    from sweeps.results import load
    from sweeps.results.look import top_trials
    from sweeps.results.summary import as_json as plain
    from sweeps.screen.trials import print_top

    result = load(directory)
    found = top_trials(result, count)
    rows = [{**vars(each), **_flat("config", each.config)} for each in found]
    _print(
        as_json,
        as_csv,
        lambda: plain(found),
        lambda: _frame([{name: row[name] for name in row if name != "config"} for row in rows]),
        lambda: print_top(found, result.spec["metric"]),
    )


def best(directory: Directory, as_json: AsJson = False, as_csv: AsCsv = False) -> None:
    """Show a sweep's winner: its config, its figures over fresh seeds and on test data, where its model is.

    Exit code 1 where no trial has an objective yet.
    """
    from sweeps.results import load, summarize
    from sweeps.results.summary import as_json as plain
    from sweeps.screen.finalists import print_finalists
    from sweeps.screen.summary import no_objective, print_best

    found = summarize(load(directory))
    if found.best is None:
        raise typer.Exit(complain(no_objective(found), ELSE))

    def draw() -> None:
        print_finalists(Screen(), found.finalists, found.metric)
        print_best(found, Screen())

    _print(as_json, as_csv, lambda: plain(_winner(found)), lambda: _frame([_winner_row(found)]), draw)


def trial(
    directory: Directory,
    number: Annotated[str, typer.Argument(metavar="N", help="The trial's number, or best: the winner's.")],
    as_json: AsJson = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print its metrics, a row for each epoch.")] = False,
) -> None:
    """Show one trial: its config, its curve, its jobs, what it printed, and what it raised, in full."""
    from sweeps.results import load
    from sweeps.results.look import number_of, trial_record
    from sweeps.results.summary import as_json as plain
    from sweeps.screen.trials import print_trial

    result = load(directory)
    found = trial_record(result, number_of(result, number))
    _print(
        as_json,
        as_csv,
        lambda: {
            **plain(found.summary),
            "metrics": plain(found.metrics.to_dict("records")),
            "jobs": plain(found.jobs),
            "prints": found.prints,
        },
        lambda: found.metrics,
        lambda: print_trial(found, result.spec["metric"]),
    )


def compare(
    directories: Annotated[list[Path], typer.Argument(metavar="DIR DIR…", help="Folders of sweeps.")],
    as_json: AsJson = False,
    as_csv: AsCsv = False,
) -> None:
    """Compare sweeps: best objective, also at equal epochs, trials, epochs, time, and configs that differ."""
    from sweeps.results.summary import as_json as plain
    from sweeps.screen.comparison import compared, print_comparison

    found = compared(directories)
    rows = [
        {
            **_without(vars(each), "best", "space"),
            **_flat("best", {} if each.best is None else vars(each.best)),
        }
        for each in found
    ]
    _print(as_json, as_csv, lambda: plain(found), lambda: _frame(rows), lambda: print_comparison(found))


def _print(
    as_json: bool,
    as_csv: bool,
    form: Callable[[], Any],
    frame: Callable[[], DataFrame],
    draw: Callable[[], None],
) -> None:
    """As it was asked for: plain values, a table, or for people."""
    if as_json and as_csv:
        raise BadInput("--csv", "--json", "is asked for at once", "give one of the two")
    with results():
        if as_json:
            typer.echo(json.dumps(form(), indent=2, allow_nan=False))
        elif as_csv:
            print_csv(frame())
        else:
            draw()


def _frame(rows: Sequence[Mapping[str, Any]]) -> DataFrame:
    import pandas as pd

    return pd.DataFrame([{name: _cell(value) for name, value in row.items()} for row in rows])


def _cell(value: Any) -> Any:
    """What a cell of CSV holds: lists and mappings as JSON."""
    return json.dumps(value) if isinstance(value, list | tuple | dict) else value


def _flat(prefix: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """A column for each value, as the trials table names them: config.rate."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        found |= (
            _flat(f"{prefix}.{name}", value) if isinstance(value, Mapping) else {f"{prefix}.{name}": value}
        )
    return found


def _without(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


def _winner(found: Summary) -> dict[str, Any]:
    from sweeps.results.best import of_test_split

    metrics = {} if found.best is None else found.best.metrics
    return {
        "directory": found.directory,
        "name": found.name,
        "metric": found.metric,
        "mode": found.mode,
        "state": found.state.kind,
        **vars(found.best),
        "test": {name: metrics[name] for name in of_test_split(metrics, found.metric)},
        "baselines": found.baselines,
        "finalists": found.finalists,
        "model": found.directory / "best" if found.saved else None,
    }


def _winner_row(found: Summary) -> dict[str, Any]:
    nested = ("config", "metrics", "spreads", "baselines")
    form = _winner(found)
    columns = {name: form[name] for name in form if name not in (*nested, "test", "finalists")}
    return {**columns, **{name: value for key in nested for name, value in _flat(key, form[key]).items()}}
