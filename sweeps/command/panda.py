"""`caviar panda`, `caviar nudge` and `caviar replay`: one model, babysat."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.main import get_command

from sweeps.command.shared import ELSE, Autopilot, ChangedCode, Directory, confirmed, interruptible
from sweeps.errors import BadInput
from sweeps.screen.console import Screen, results

if TYPE_CHECKING:
    from sweeps.nudging.suggest import Suggestion

_WAIT_SECONDS = 3.0  # for a nudge to be taken in
_WITHOUT_DASHES = ("fork", "rollback", "pause", "resume", "keep", "suggest")


def panda(
    spec: Annotated[
        Path, typer.Argument(help="A spec, a YAML file; or, with --trial, the folder of a sweep.")
    ],
    trial: Annotated[int | None, typer.Option(help="Adopt this trial of the sweep.")] = None,
    config: Annotated[
        list[str] | None,
        typer.Option("--config", metavar="NAME=VALUE", help="What to begin with; repeatable."),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Override a key of the spec; repeatable."),
    ] = None,
    from_: Annotated[
        int | None,
        typer.Option("--from", metavar="EPOCH", help="With --trial: go on from this epoch's checkpoint."),
    ] = None,
    every: Annotated[int, typer.Option(help="Epochs after which a nudge counts.")] = 1,
    out: Annotated[
        Path | None, typer.Option(help="Folder to write; by default runs/<name>, numbered on.")
    ] = None,
    changed_code: ChangedCode = None,
    autopilot: Autopilot = False,
    plain: Annotated[
        bool, typer.Option("--plain", help="Show progress as lines on a terminal, too.")
    ] = False,
) -> None:
    """Train one model and watch it; a line typed below its picture, or `caviar nudge` in another terminal,
    changes how it goes on.
    """
    from sweeps.command.shared import print_end
    from sweeps.face.babysitting.adopt import adopt_trial
    from sweeps.face.babysitting.panda import begun, panda_spec
    from sweeps.nudging import parsed_values
    from sweeps.screen.watch import watcher
    from sweeps.spec import read_spec

    values, right = parsed_values(config or ()), confirmed(changed_code)
    observer = watcher(plain, answer=answer_typed)
    with interruptible():
        if trial is not None:
            wished = (values, from_, every, out, set_ or ())
            result = adopt_trial(
                spec, trial, *wished, changed_code=right, observer=observer, autopilot=autopilot
            )
        elif from_ is not None:
            raise BadInput("--from", from_, "is an epoch of a trial that is adopted", "add --trial N")
        elif spec.is_dir():
            raise BadInput("--trial", None, "is missing", f"say which: caviar panda {spec} --trial N")
        else:
            form = panda_spec(read_spec(spec, set_ or ()), values, every)
            result = begun(form, spec.parent, out, observer, autopilot)
    print_end(result)


def nudge(
    directory: Directory,
    values: Annotated[
        list[str] | None, typer.Argument(metavar="NAME=VALUE…", help="Such as learning_rate=3e-4 l2=*2.")
    ] = None,
    branch: Annotated[
        int | None, typer.Option(help="The trial it is for; by default the only one in training.")
    ] = None,
    fork: Annotated[
        bool, typer.Option("--fork", help="Train a branch with these values beside the one there is.")
    ] = False,
    from_: Annotated[
        int | None, typer.Option("--from", metavar="EPOCH", help="Where the fork begins; by default here.")
    ] = None,
    rollback: Annotated[
        int | None, typer.Option(metavar="EPOCH", help="Go on from the checkpoint of this epoch.")
    ] = None,
    pause: Annotated[bool, typer.Option("--pause", help="Wait.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on after --pause.")] = False,
    keep: Annotated[int | None, typer.Option(metavar="BRANCH", help="Go on with this branch alone.")] = None,
    suggest: Annotated[
        bool, typer.Option("--suggest", help="Change nothing; say what to try, and why.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why, for the log and the report.")] = "",
    author: Annotated[str | None, typer.Option(help="Whose nudge it is; by default yours.")] = None,
) -> None:
    """Change how a panda goes on: its hyperparameters, or from which checkpoint."""
    said = _said(
        directory,
        values,
        branch=branch,
        fork=fork,
        from_=from_,
        rollback=rollback,
        pause=pause,
        resume=resume,
        keep=keep,
        suggest=suggest,
        reason=reason,
        author=author,
    )
    with results():
        Screen().print(said, soft_wrap=True)


def _said(
    directory: Path, values: list[str] | None, *, from_: int | None, resume: bool, suggest: bool, **more: Any
) -> str:
    """What a nudge comes to, or what to try next, of the options of `caviar nudge`."""
    from sweeps.face import nudge as ask
    from sweeps.nudging import parsed_values

    if suggest:
        return _suggestions(directory)
    named = parsed_values(values or ())
    return ask(directory, named, epoch=from_, go_on=resume, wait=_WAIT_SECONDS, **more)


def _suggestions(directory: Path) -> str:
    from sweeps.face.babysitting.nudge import is_trained, suggest

    found = suggest(directory)
    if not found:
        return "nothing speaks for a change; a fork would show more"
    if not is_trained(directory):
        fix = f"nobody trains it now: caviar resume {directory}, with --set epochs=… where it is complete"
        return "\n".join([*(f"{each.reason}{_values(each)}" for each in found), fix])
    return "\n".join(f"{each.reason}\n  {each.command(directory)}".rstrip() for each in found)


def _values(found: Suggestion) -> str:
    """What would be tried, where no command can do it now."""
    values = ", ".join(f"{name}={value}" for name, value in found.values.items())
    back = "" if found.rollback is None else f"from epoch {found.rollback} on, "
    return f": {back}{values}".rstrip(", ") if back or values else ""


def answer_typed(directory: Path, line: str) -> str:
    """What a line comes to that was typed below the picture: what follows `caviar nudge DIR`, also without
    the dashes of its first word.
    """
    try:
        words = shlex.split(line)
        if words[0] in _WITHOUT_DASHES:
            words[0] = f"--{words[0]}"
        app = typer.Typer(add_completion=False)
        app.command(add_help_option=False)(nudge)
        return _said(**get_command(app).make_context("nudge", [str(directory), *words]).params)
    except Exception as error:  # whatever it is, the training below goes on
        return error.format_message() if hasattr(error, "format_message") else str(error)


def replay(
    directory: Directory,
    trial: Annotated[int | None, typer.Option(help="This trial alone, with what it began from.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the same run to this folder.")] = None,
    schedule: Annotated[
        bool,
        typer.Option("--schedule", help="Train one model anew with the best trial's schedule, or --trial's."),
    ] = False,
    seed: Annotated[
        int | None, typer.Option(help="Of the training with --schedule; by default a fresh one.")
    ] = None,
    changed_code: ChangedCode = None,
) -> None:
    """Train the jobs of a log again, in their order, and say whether the weights are equal, bit for bit.

    Exit code 0 where all branches are, 1 where one is not. The folder is only read.
    """
    from sweeps.face import replay as train_again
    from sweeps.face import replay_schedule
    from sweeps.screen.replayed import print_replayed, print_schedule

    right = confirmed(changed_code)
    if seed is not None and not schedule:
        raise BadInput("--seed", seed, "is of a schedule that is trained anew", "add --schedule")
    if schedule:
        with interruptible():
            anew = replay_schedule(directory, trial, seed=seed, changed_code=right)
        with results():
            print_schedule(anew)
        return
    with interruptible():
        found = train_again(directory, trial=trial, out=out, changed_code=right)
    with results():
        print_replayed(found)
    if not found.equal:
        raise typer.Exit(ELSE)
