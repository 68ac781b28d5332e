"""`caviar library`: the sweeps before that new ones learn from."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from sweeps.command.cluster import say
from sweeps.command.shared import Directory

app = typer.Typer(
    help="Sweeps before, which new ones learn from where trainable, metric and space fit.",
    no_args_is_help=True,
)


@app.command()
def add(directory: Directory) -> None:
    """Add a sweep; the folder stays where it is."""
    from sweeps.face.library import library_add
    from sweeps.screen.figures import show_path

    added = library_add(directory)
    say(f"{show_path(added.folder)} is in the library")
    say(f"sweeps of {added.trainable} by {added.metric} in a like space learn from it from now on")
    say("to begin a sweep from nothing all the same: --set learn_from=false")


@app.command()
def remove(directory: Directory) -> None:
    """Take a sweep out; its folder stays as it is."""
    from sweeps.face.library import library_remove
    from sweeps.screen.figures import show_path

    say(f"{show_path(library_remove(directory))} is in the library no more")


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False) -> None:
    """Say which sweeps are in it."""
    from sweeps.face.library import library_list
    from sweeps.screen.figures import show_path

    shelved = library_list()
    if as_json:
        say(json.dumps([{**asdict(each), "folder": str(each.folder)} for each in shelved], indent=2))
        return
    for each in shelved:
        trials = f"{each.trials} trial{'s'[: each.trials != 1]}"
        what = each.problem or f"{each.name}, {each.trainable} by {each.metric}, {trials}"
        say(f"{show_path(each.folder)}  {what}")
    if not shelved:
        say("the library is empty; to add a sweep: caviar library add runs/digits")
