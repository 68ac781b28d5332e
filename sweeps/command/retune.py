"""Whether an earlier sweep's winner still wins: `caviar retune`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from sweeps.command.shared import Directory, interruptible
from sweeps.screen.console import results

# The winner has lost, or is no better than a guess; 1 is for what went wrong, and 2 for bad input.
LOST = 3


def retune(
    directory: Directory,
    data: Annotated[
        Path | None,
        typer.Option(help="The file of the new data; by default the same data in another split."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write; by default runs/NAME-retune, numbered on.")
    ] = None,
    search: Annotated[
        int | None,
        typer.Option(
            min=0,
            metavar="EPOCHS",
            help="What a search may cost where the winner has lost; by default a fifth of the earlier sweep."
            " 0 for none.",
        ),
    ] = None,
    seeds: Annotated[
        int, typer.Option(min=3, help="On how many fresh seeds a rival is raced against the winner at most.")
    ] = 5,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Of split and training; by default the earlier one plus 1.")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="How many train at once; by default as before.")] = None,
    address: Annotated[
        str | None, typer.Option(help="Ray cluster to join; by default as `caviar run` does.")
    ] = None,
    serial: Annotated[bool, typer.Option("--serial", help="Train in this process, for debugging.")] = False,
    plain: Annotated[
        bool, typer.Option("--plain", help="Show progress as lines on a terminal, too.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Does an earlier sweep's winner still win, on new data? And what is to be taken where it does not.

    Exit code 0 where it is still best or tied, 2 on bad input; 3: the winner has lost, or is no better than a
    constant guess.
    """
    from sweeps.face import retune_sweep
    from sweeps.screen.retune import print_retuned
    from sweeps.screen.watch import watcher

    with interruptible():
        found = retune_sweep(
            directory,
            data=data,
            out=out,
            seed=seed,
            seeds=seeds,
            search=search,
            workers=workers,
            address=address,
            serial=serial,
            observer=watcher(plain),
        )
    with results():
        if as_json:
            typer.echo(json.dumps(found.to_json(), indent=2, allow_nan=False))
        else:
            print_retuned(found)
    if not found.holds:
        raise typer.Exit(LOST)
