"""What `caviar` can be asked, and the exit code of each end.

Each command imports what it needs: `caviar --help` should not wait two seconds for what plans sweeps.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sweeps.command.cluster import app as cluster_app
from sweeps.command.dashboard import dashboard
from sweeps.command.library import app as library_app
from sweeps.command.look import best, compare, top, trial, watch
from sweeps.command.panda import answer_typed, nudge, panda, replay
from sweeps.command.report import report
from sweeps.command.retune import retune
from sweeps.command.shared import (
    BAD_INPUT,
    DONE,
    ELSE,
    Autopilot,
    ChangedCode,
    Directory,
    complain,
    confirmed,
    interruptible,
    print_end,
    print_summary_of,
)
from sweeps.command.winner import export, predict, refit
from sweeps.errors import AllTrialsFailed, BadInput, LogLost, WorkersLost
from sweeps.screen.console import Screen, open_standard_streams, results

if TYPE_CHECKING:
    from sweeps.sweep.planning.preview import Preview
    from sweeps.tracking.tracker import Tracker

app = typer.Typer(
    help="Hyperparameter sweeps, coarse to fine, on Ray; every metric in plain Parquet tables.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(cluster_app, name="cluster")
app.add_typer(library_app, name="library")
for command in (
    watch,
    top,
    best,
    trial,
    compare,
    report,
    dashboard,
    predict,
    export,
    refit,
    panda,
    nudge,
    replay,
    retune,
):
    app.command()(command)

# What several commands take.
Address = Annotated[
    str | None,
    typer.Option(
        help="Ray cluster to join; by default that of `caviar cluster`, or one is started here (local)."
    ),
]
Plain = Annotated[bool, typer.Option("--plain", help="Show progress as lines on a terminal, too.")]
ShowPrints = Annotated[
    bool, typer.Option("--prints", help="Show what trials print, each line with the trial's number.")
]
Track = Annotated[
    list[str] | None,
    typer.Option(
        metavar="KIND",
        help="Write each trial for another tool as it goes: tensorboard, mlflow; into tracking/ in the"
        " sweep's folder. Repeatable.",
    ),
]
Serial = Annotated[bool, typer.Option("--serial", help="Train in this process, for debugging.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")]


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"caviar {version('caviar-sweeps')}")
        raise typer.Exit


@app.callback()
def _caviar(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None: ...


@app.command()
def run(
    spec: Annotated[Path, typer.Argument(help="The sweep's spec, a YAML file; `caviar init` writes one.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder to write; by default runs/<name>, numbered on.")
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Override a key of the spec; repeatable."),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="How many train at once; by default one per CPU.")
    ] = None,
    address: Address = None,
    serial: Serial = False,
    plain: Plain = False,
    prints: ShowPrints = False,
    track: Track = None,
    as_json: AsJson = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Start and write nothing: show the plan, its first configs, and estimates of time, memory"
            " and disk. A few epochs are trained here, for five seconds at most.",
        ),
    ] = False,
) -> None:
    """Run a sweep and watch it; or, with --dry-run, look at its plan."""
    from sweeps.face import execute, plan_from_spec, preview
    from sweeps.screen.watch import watcher
    from sweeps.spec import read_spec

    with interruptible():
        plan = plan_from_spec(read_spec(spec, _overrides(set_, workers)), spec.parent)
        if dry_run:
            _print_plan(preview(plan, out=out, address=address, serial=serial), as_json)
            return
        result = execute(
            plan,
            out=out,
            address=address,
            serial=serial,
            observer=watcher(plain, prints),
            folder=spec.parent,
            prints=prints,
            callbacks=_trackers(track),
        )
    print_end(result, as_json)


def _print_plan(found: Preview, as_json: bool) -> None:
    from sweeps.screen.preview import print_preview

    with results():
        if as_json:
            typer.echo(json.dumps(found.to_json(), indent=2, allow_nan=False))
        else:
            print_preview(found)


@app.command()
def resume(
    directory: Directory,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Change a key of the spec from here on, such as trials=128; repeatable.",
        ),
    ] = None,
    retry: Annotated[
        str | None, typer.Option(help="Train these trials again as well: failed, or infeasible.")
    ] = None,
    changed_code: ChangedCode = None,
    workers: Annotated[int | None, typer.Option(help="How many train at once; by default as before.")] = None,
    address: Address = None,
    serial: Serial = False,
    plain: Plain = False,
    prints: ShowPrints = False,
    track: Track = None,
    autopilot: Autopilot = False,
    as_json: AsJson = False,
) -> None:
    """Go on with a sweep that was interrupted or killed, or extend one: nothing that is done is lost."""
    from sweeps.face import resume_sweep
    from sweeps.screen.watch import watcher

    right = confirmed(changed_code)
    with interruptible():
        result = resume_sweep(
            directory,
            overrides=_overrides(set_, workers),
            retry=retry,  # type: ignore[arg-type]  # checked there
            changed_code=right,
            address=address,
            serial=serial,
            observer=watcher(plain, prints, answer_typed),
            prints=prints,
            callbacks=_trackers(track),
            autopilot=autopilot,
        )
    print_end(result, as_json)


def _trackers(kinds: list[str] | None) -> list[Tracker]:
    from sweeps.tracking import of_kind

    return [of_kind(kind) for kind in dict.fromkeys(kinds or ())]


def _overrides(given: list[str] | None, workers: int | None) -> list[str]:
    return [*(given or []), *([] if workers is None else [f"workers={workers}"])]


@app.command()
def show(
    directory: Directory,
    rounds: Annotated[
        bool, typer.Option("--rounds", help="Print the regions of every round, not of the last alone.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON, with every round.")] = False,
) -> None:
    """Show a sweep: how far it is, its finalists, its best config, its regions and why."""
    from sweeps.results import load, summarize

    print_summary_of(summarize(load(directory)), as_json, every_round=rounds)


@app.command()
def reproduce(
    directory: Directory,
    trial: Annotated[int, typer.Option(help="The trial's number, as the tables and `caviar show` have it.")],
    changed_code: ChangedCode = None,
) -> None:
    """Train one trial again from what was recorded, here and from its first epoch on, and compare.

    Exit code 0 where all metrics are equal, to the last bit or within rounding, 1 where they differ. The
    folder is only read; the sweep may be running.
    """
    from sweeps.face import reproduce as train_again
    from sweeps.screen.reproduction import print_reproduction

    right = confirmed(changed_code)
    with interruptible():
        found = train_again(directory, trial, changed_code=right)
    with results():
        print_reproduction(found)
    if found.verdict == "differs":
        raise typer.Exit(ELSE)


@app.command()
def stop(
    directory: Directory,
    trial: Annotated[
        int | None, typer.Option(help="Stop this trial alone; the search goes on without it.")
    ] = None,
) -> None:
    """Stop a sweep that runs in another terminal, resumably, or one of its trials."""
    from sweeps.face import stop as request_stop

    request_stop(directory, trial)
    what = "the sweep" if trial is None else f"trial {trial}"
    with results():
        Screen().print(f"asked to stop {what}", soft_wrap=True)


@app.command()
def init(
    path: Annotated[Path, typer.Argument(help="File to write.")] = Path("sweep.yaml"),
    data: Annotated[
        Path | None, typer.Option(help="A table or a folder of pictures; what is in it is told.")
    ] = None,
    target: Annotated[str | None, typer.Option(help="Its column to predict.")] = None,
) -> None:
    """Write a commented spec to start from."""
    from sweeps.command.template import DIGITS, Own, own_data, write_template
    from sweeps.spec import DEFAULTS

    own = Own(DIGITS, (), DEFAULTS.trainable) if data is None else own_data(path, data, target)
    write_template(path, own.data, own.trainable)
    with results():
        for line in own.lines:
            Screen().print(line, soft_wrap=True)
        Screen().print(f"wrote {path}; run it with: caviar run {path}", soft_wrap=True)


def main() -> None:
    """Run the command; every end has its exit code, and no user error shows a traceback."""
    open_standard_streams()
    sys.exit(_exit_code())


def _exit_code() -> int:
    try:
        app(standalone_mode=True)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else ELSE
    except BadInput as error:
        return complain(str(error), BAD_INPUT)
    except (AllTrialsFailed, LogLost, WorkersLost, OSError) as error:
        return complain(str(error), ELSE)
    return DONE
