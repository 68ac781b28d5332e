"""`sweeps.panda`, `sweeps.adopt` and `sweeps.nudge`: one model, babysat."""

from __future__ import annotations

import getpass
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sweeps.errors import BadInput
from sweeps.events import Noticed, Nudged, ProcessBegun
from sweeps.execution import Trainable
from sweeps.face.execute import execute
from sweeps.face.resolve import BUILT_IN, find_trainable, plan_from_spec, watcher_if
from sweeps.face.run import plan_in_python
from sweeps.face.stop import check_runs
from sweeps.nudges import FORK, GO_ON, KEEP, PAUSE, ROLL_BACK, SET, Asked
from sweeps.nudging import REFUSED, Rules, changed, check_panda, deciding_by_log, in_words
from sweeps.nudging.suggest import Suggestion, suggestions
from sweeps.results import SweepResult, load
from sweeps.results.best import config_of
from sweeps.schedulers import PANDA
from sweeps.space import Fixed, Space, stored_config
from sweeps.spec import SweepSpec, overridden
from sweeps.spec.finalists import as_finalists
from sweeps.store import LOG, SPEC_FILE, LogReader, is_waiting, no_sweep, request_nudge
from sweeps.sweep.progress import Callback, Observer

_LOOK_SECONDS = 0.05


def panda(
    train: Trainable | str | Mapping[str, str],
    *,
    space: Space | Mapping[str, Any],
    config: Mapping[str, Any] | None = None,
    every: int = 1,
    out: str | Path | None = None,
    progress: bool = True,
    callbacks: Sequence[Callback] = (),
    **keys: Any,
) -> SweepResult:
    """Train one model and babysit it: `sweeps.nudge`, from anywhere, changes how it goes on.

    Its folder is a run directory like any other: `watch`, `report` and `resume` work on it.

    Args:
        train: As in `sweeps.run`. What can be nudged restores what it has saved, and trains with the config
            that it is called with, which is `run.config`, too.
        space: The config, a value for each hyperparameter. Where there are ranges, they bound what a nudge
            may set, and `config` says where to begin.
        config: What to begin with, of the hyperparameters that have several values, or another one than the
            space's.
        every: How many epochs a job has: a nudge counts from the next one on.
        out, progress, callbacks: As in `sweeps.run`.
        keys: Others of a spec: data, epochs, metric, mode, objective, limits, seed, name, device.

    Returns:
        The tables: trial 0 is the model, others are its forks; `.changes` is what was changed.

    Raises:
        BadInput: Something in the arguments is wrong; nothing has started then.
        Interrupted: On Ctrl-C; `sweeps.resume` goes on.

    Example:
        ::

            sweeps.panda("mlp", data="digits", space={"learning_rate": 0.01}, epochs=50, out="runs/p")
    """
    if isinstance(space, str):
        rule = "is a ready space of many configs, and a panda has one"
        raise BadInput("space", space, rule, "write a value for each hyperparameter: {'learning_rate': 0.01}")
    forms = (space if isinstance(space, Space) else Space(space)).distributions
    space_form, first = begun_with(forms, config or {})
    plan = plan_in_python(
        train, space=space_form, scheduler=_scheduler(every), start_with=first, **_one_model(keys)
    )
    return execute(plan, out=out, serial=True, observer=watcher_if(progress), callbacks=callbacks)


def panda_spec(spec: SweepSpec, config: Mapping[str, Any], every: int) -> SweepSpec:
    """A spec of one model that a person babysits. Raises `BadInput`."""
    space, first = begun_with(Space(spec.space).distributions, config)
    changes = _one_model({"space": space, "start_with": first, "scheduler": _scheduler(every)})
    return spec.model_copy(update={**changes, "finalists": as_finalists(False)})


def begun_with(
    space: Mapping[str, Any], config: Mapping[str, Any]
) -> tuple[dict[str, Any], list[dict[str, Any]] | None]:
    """The space in which a model is nudged, and the config it begins with, where the space does not say it.

    Raises:
        BadInput: A hyperparameter has several values, and the config has none of it.
    """
    fixed = {name: value for name, value in config.items() if isinstance(space.get(name, Fixed(0)), Fixed)}
    found = {**space, **{name: Fixed(value) for name, value in fixed.items()}}
    searched = Space(found).searched
    missing = [name for name in searched if name not in config and not found[name].when]
    if missing:
        rule = "has several values, and a panda begins with one"
        raise BadInput(f"space.{missing[0]}", found[missing[0]].to_yaml(), rule, _FIX.format(missing[0]))
    first = {name: value for name, value in config.items() if name not in fixed}
    return found, [first] if searched else None


_FIX = "say which: --config {0}=… (config={{'{0}': …}} in Python)"


def _scheduler(every: int) -> str:
    if isinstance(every, bool) or not isinstance(every, int) or every < 1:
        raise BadInput("every", every, "must be a whole number from 1 on", "leave it out for 1")
    return PANDA if every == 1 else f"{PANDA}:{every}"


def _one_model(keys: Mapping[str, Any]) -> dict[str, Any]:
    return {"trials": 1, "finalists": False, **keys, "deterministic": False, "extend": False}


def begun(spec: SweepSpec, base: Path, out: Path | None, observer: Observer) -> SweepResult:
    """Train the one model of a spec, whose paths start at the folder `base`. Raises what `panda` does."""
    return execute(plan_from_spec(spec, base), out=out, serial=True, observer=observer, folder=base)


def nudge(
    directory: str | Path,
    values: Mapping[str, Any] | None = None,
    /,
    *,
    branch: int | None = None,
    fork: bool = False,
    epoch: int | None = None,
    rollback: int | None = None,
    pause: bool = False,
    go_on: bool = False,
    keep: int | None = None,
    reason: str = "",
    author: str | None = None,
    train: Trainable | None = None,
    wait: float = 0.0,
    **more: Any,
) -> str:
    """Ask whoever trains a panda to go on otherwise, from its next epoch on.

    Args:
        directory: Its folder.
        values: Hyperparameter → its new value, or "*2" or "/10" of what it has.
        branch: The trial it is for; by default the only one in training.
        fork: Train a branch with these values beside the one there is.
        epoch: Of the checkpoint that the fork begins from; by default the branch's next one.
        rollback: The epoch of the checkpoint to go on from, in place of the branch.
        pause, go_on: Have the branch, by default all, wait, or go on.
        keep: The branch that alone goes on.
        reason: Why, for the log and the report. author: Who; by default the user's name.
        train: The trainable, where it cannot be imported.
        wait: For how many seconds to wait until it is taken in.
        more: Values by name, for hyperparameters that are called otherwise than these arguments.

    Returns:
        What it came to, in a line; that it waits, where it was not taken in yet.

    Raises:
        BadInput: It is no panda, nobody works on it, or the nudge cannot be.

    Example:
        While it is trained in another terminal::

            sweeps.nudge("runs/p", learning_rate=3e-4, reason="the loss jumps")
            sweeps.nudge("runs/p", fork=True, l2="*10")
    """
    path, author = Path(directory).absolute(), _user() if author is None else author
    wished = stored_config({**(values or {}), **more})
    what, at = _what(wished, fork, epoch, rollback, pause, go_on, keep)
    asked = Asked(what, keep if what == KEEP else branch, at, wished, author, reason, time.time())
    return ask(path, asked, train, wait)


def ask(path: Path, asked: Asked, train: Trainable | None = None, wait: float = 0.0) -> str:
    """Check a nudge against how the panda stands, and hand it to its process. Raises `BadInput`."""
    if not (path / SPEC_FILE).exists():
        raise no_sweep(path)
    process = LogReader(path / LOG).last(ProcessBegun)
    spec = overridden((path / SPEC_FILE).read_text(), SPEC_FILE)
    check_panda(path, spec)
    check_runs(path)
    base = Path.cwd() if process is None else Path(process.folder)
    found = find_trainable(spec.trainable, (base, Path.cwd())) if train is None else train
    deciding_by_log(path, found).decided(asked)
    name = request_nudge(path, asked)
    end = time.monotonic() + wait
    while is_waiting(path, name) and time.monotonic() < end:
        time.sleep(_LOOK_SECONDS)
    return _answer(path, name)


def _answer(path: Path, name: str) -> str:
    """What has become of a nudge. Raises `BadInput` where it was refused."""
    for event in LogReader(path / LOG).every(Nudged, Noticed):
        if isinstance(event, Nudged) and event.nudge.name == name:
            return in_words(event.nudge)
        if isinstance(event, Noticed) and event.text.startswith(REFUSED) and name in event.text:
            raise BadInput("nudge", None, f"was {event.text}")
    return "asked; it is taken in at the end of the epoch in training"


def _what(
    values: Mapping[str, Any],
    fork: bool,
    epoch: int | None,
    rollback: int | None,
    pause: bool,
    go_on: bool,
    keep: int | None,
) -> tuple[str, int | None]:
    """What a nudge is, and the epoch it names. Raises `BadInput` where it is nothing, or two things."""
    wished = {FORK: fork, ROLL_BACK: rollback is not None, PAUSE: pause, GO_ON: go_on, KEEP: keep is not None}
    found = [what for what, is_wished in wished.items() if is_wished]
    if len(found) > 1:
        raise BadInput("nudge", ", ".join(found), "are several things at once", "ask for one after the other")
    what = found[0] if found else SET
    if what == SET and not values:
        fix = "such as learning_rate=3e-4, or --pause, --rollback EPOCH, --fork name=value"
        raise BadInput("nudge", None, "changes nothing", fix)
    if what in (PAUSE, GO_ON, KEEP) and values:
        raise BadInput("nudge", dict(values), f"cannot be set with {what}", "ask for one after the other")
    if epoch is not None and what != FORK:
        raise BadInput("--from", epoch, "says where a fork begins", "add --fork, or write --rollback EPOCH")
    return what, rollback if what == ROLL_BACK else epoch


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # no name in the environment, and none in the system
        return ""


def suggest(directory: str | Path) -> list[Suggestion]:
    """What to try next on a panda: from its alarms, from its forks, and from the sweep it was adopted of.

    Raises:
        BadInput: The folder is no panda's.

    Example:
        ::

            for each in sweeps.suggest("runs/p"):
                print(each.reason, each.values)
    """
    result = load(directory)
    spec = overridden((result.path / SPEC_FILE).read_text(), SPEC_FILE)
    check_panda(result.path, spec)
    if not isinstance(spec.trainable, str) or spec.trainable not in BUILT_IN:
        return suggestions(result)  # one's own is not imported for that
    train = find_trainable(spec.trainable)
    found, rules = (
        suggestions(result, getattr(train, "hyperparameters", frozenset())),
        Rules(result.space, train),
    )
    return [each for each in found if _can_be(each, result, rules)]


def _can_be(each: Suggestion, result: SweepResult, rules: Rules) -> bool:
    config = config_of(result.tables.row(each.branch))
    try:
        changed(each.values, config, config, rules)
    except BadInput:
        return False
    return True
