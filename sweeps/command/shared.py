"""What several commands take, and how they end."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sweeps.errors import BadInput, Interrupted
from sweeps.interrupt import exit_code
from sweeps.screen.console import Screen, prints_may_fail, results

if TYPE_CHECKING:
    from pandas import DataFrame

    from sweeps.results import Summary, SweepResult

DONE, ELSE, BAD_INPUT = 0, 1, 2

Directory = Annotated[Path, typer.Argument(metavar="DIR", help="A sweep's folder, such as runs/digits.")]
Autopilot = Annotated[
    bool,
    typer.Option("--autopilot", help="Of a panda: do what alarms propose, within the space's bounds."),
]
ChangedCode = Annotated[
    str | None, typer.Option(metavar="ok", help="Go on though the trainable or the data have changed.")
]


def confirmed(changed_code: str | None) -> bool:
    """Whether changed code was said to be right. Raises `BadInput` on anything but ok."""
    if changed_code not in (None, "ok"):
        raise BadInput("--changed-code", changed_code, "is not ok", "write --changed-code ok")
    return changed_code is not None


@contextmanager
def interruptible() -> Iterator[None]:
    """Around what trains: a signal ends it with a word and a shell's own exit code."""
    try:
        with prints_may_fail():
            yield
    except KeyboardInterrupt as stop:  # typer would end it without a word
        text = str(stop) if isinstance(stop, Interrupted) else "interrupted"
        raise typer.Exit(complain(text, exit_code())) from None


def print_csv(table: DataFrame) -> None:
    """As it is to a file or a program; a terminal would obey escapes in names and texts."""
    text = table.to_csv(index=False, lineterminator="\n")
    if sys.stdout.isatty():
        Screen().print(text, end="", soft_wrap=True)
    else:
        sys.stdout.write(text)


def print_end(result: SweepResult, as_json: bool = False) -> None:
    """The summary of a sweep that has ended; exit code 1 where no trial has an objective."""
    from sweeps.results import summarize
    from sweeps.screen.summary import no_objective

    found = summarize(result)
    print_summary_of(found, as_json, every_round=False)
    if found.best is None:
        raise typer.Exit(complain(no_objective(found), ELSE))


def print_summary_of(found: Summary, as_json: bool, every_round: bool) -> None:
    """A summary for people, or as JSON; with what a retune has found."""
    from sweeps.retuning import read_retuned
    from sweeps.screen.retune import print_retuned
    from sweeps.screen.summary import print_summary

    retuned = read_retuned(found.directory)
    with results():
        if as_json:
            more = {} if retuned is None else {"retune": retuned.to_json()}
            typer.echo(json.dumps({**found.to_json(), **more}, indent=2, allow_nan=False))
            return
        print_summary(found, every_round)
        if retuned is not None:
            print_retuned(retuned)


def complain(text: str, code: int) -> int:
    """Say it on the error stream; gives the code back."""
    with suppress(OSError):  # the code says it too
        Screen(stderr=True).print(f"caviar: {text}", style="red", soft_wrap=True)
    return code
