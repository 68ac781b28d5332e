"""`caviar cluster`: a Ray that is kept on this machine, so that sweeps need not wait for its start."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from sweeps.errors import BadInput
from sweeps.screen.console import Screen, results

if TYPE_CHECKING:
    from sweeps.face.cluster import KeptCluster, Usage

RUNS, RUNS_NOT = 0, 1
TOKEN = "the dashboard asks once for a token: paste what `ray get-auth-token` prints"  # noqa: S105 - none itself

app = typer.Typer(
    help="Keep Ray and its dashboard running between sweeps, which then begin seconds sooner.",
    no_args_is_help=True,
)


@app.command()
def start(
    workers: Annotated[
        int | None, typer.Option(min=1, help="How many workers it has room for; by default one per CPU.")
    ] = None,
) -> None:
    """Start Ray on this machine and leave it running; sweeps that are given no address join it.

    Only this machine can reach it, and only with your token. It runs until `caviar cluster stop`, also when
    the terminal is closed.
    """
    from sweeps.face import start_cluster

    kept, is_new = start_cluster(workers)
    say(f"Ray {'runs' if is_new else 'runs already'} at {_where(kept)}")
    if kept.dashboard:
        say(TOKEN)
    say("sweeps of yours on this machine join it; to end it: caviar cluster stop")


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False) -> None:
    """Say whether it runs, where, and which sweeps use it. Exit code 0 if it runs, 1 if not."""
    from sweeps.face import cluster_status

    found = cluster_status()
    if as_json:
        say(json.dumps(_form(*found) if found is not None else {"running": False}, indent=2))
    elif found is None:
        say("no cluster runs here; to start one: caviar cluster start")
    else:
        _print(*found)
    raise typer.Exit(RUNS if found is not None else RUNS_NOT)


@app.command()
def stop(
    force: Annotated[bool, typer.Option("--force", help="End it under the sweeps that use it, too.")] = False,
) -> None:
    """End it: the processes that `caviar cluster start` has started, and no others."""
    from sweeps.face import stop_cluster

    kept = stop_cluster(force)
    say(f"the cluster at {kept.address} has ended" if kept is not None else "no cluster runs here")


def say(text: str) -> None:
    """Print a line of results."""
    with results():
        Screen().print(text, soft_wrap=True)


def _print(kept: KeptCluster, usage: Usage | BadInput) -> None:
    from sweeps.store import moment

    say(f"Ray runs at {_where(kept)}, process {kept.head.pid} since {moment(kept.since)}")
    if kept.dashboard:
        say(TOKEN)
    if isinstance(usage, BadInput):
        say(f"it cannot be used: it {usage.rule}; to end it: caviar cluster stop")
        return
    say(f"{usage.cpus:g} of {kept.cpus} CPUs are in use")
    for user in usage.users:
        say(f"used by process {user.pid}: {user.command}")


def _where(kept: KeptCluster) -> str:
    cpus = f"{kept.address} with {kept.cpus} CPU{'s' if kept.cpus != 1 else ''}"
    return cpus + (f", dashboard http://{kept.dashboard}" if kept.dashboard else "")


def _form(kept: KeptCluster, usage: Usage | BadInput) -> dict[str, object]:
    form = {
        "running": True,
        "address": kept.address,
        "dashboard": f"http://{kept.dashboard}" if kept.dashboard else None,
        "pid": kept.head.pid,
        "since": kept.since,
        "ray": kept.ray,
        "python": kept.python,
        "cpus": kept.cpus,
    }
    if isinstance(usage, BadInput):
        return {**form, "problem": usage.rule}
    users = [{"pid": user.pid, "command": user.command} for user in usage.users]
    return {**form, "cpus_in_use": usage.cpus, "used_by": users}
