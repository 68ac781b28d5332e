"""`sweeps.nudge` and `sweeps.suggest`: what a person asks of a model that somebody trains."""

from __future__ import annotations

import getpass
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sweeps.errors import BadInput
from sweeps.events import Noticed, Nudged, ProcessBegun
from sweeps.execution import Trainable
from sweeps.face.resolve import BUILT_IN, find_trainable
from sweeps.face.stop import check_runs
from sweeps.nudges import FORK, GO_ON, KEEP, PAUSE, ROLL_BACK, SET, Asked
from sweeps.nudging import Rules, changed, check_panda, deciding_by_log, in_words, refusal, said
from sweeps.nudging.possible import NOTHING, possible
from sweeps.nudging.suggest import Suggestion, suggestions
from sweeps.results import load
from sweeps.results.configs import config_of
from sweeps.space import Config, stored_config
from sweeps.spec import overridden
from sweeps.store import LOG, SPEC_FILE, LogReader, is_waiting, no_sweep, request_nudge

_LOOK_SECONDS = 0.05


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
    found = _trainable(spec.trainable, (base, Path.cwd())) if train is None else train
    deciding_by_log(path, found).decided(asked)
    name = request_nudge(path, asked)
    end = time.monotonic() + wait
    while is_waiting(path, name) and time.monotonic() < end:
        time.sleep(_LOOK_SECONDS)
    return _answer(path, name, asked)


def _trainable(name: str | Mapping[str, str], search: Sequence[Path]) -> Trainable:
    """The trainable, whose checks are asked; one of a notebook or a closure has none here, and the process
    that trains it asks them."""
    try:
        return find_trainable(name, search)
    except BadInput:
        return _unknown


def _unknown(config: Config, run: Any) -> dict[str, float]:
    return {}


def _answer(path: Path, name: str, asked: Asked) -> str:
    """What has become of a nudge. Raises `BadInput` where it was refused."""
    for event in LogReader(path / LOG).every(Nudged, Noticed):
        if isinstance(event, Nudged) and event.nudge.name == name:
            config = event.nudge.config
            return in_words(event.nudge, ", ".join(f"{each} {said(config, each)}" for each in asked.values))
        if isinstance(event, Noticed) and event.refused == name:
            why = event.text.removeprefix(refusal(asked))
            raise BadInput("nudge", None, f"was refused by the process that trains it: {why}")
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

    The sweep's surrogate says what it expects to be best near the present config, and how sure it is.

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
        return _possible(result.path, suggestions(result), _unknown)  # one's own is not imported for that
    train = find_trainable(spec.trainable)
    best, rules = result.best_of_search, Rules(result.space, train)
    known: frozenset[str] = getattr(train, "hyperparameters", frozenset())

    def can(values: Mapping[str, Any]) -> bool:
        return best is not None and _can_be(values, config_of(result.tables.row(best.trial)), rules)

    return _possible(result.path, suggestions(result, known, can), train)


def is_trained(path: Path) -> bool:
    """Whether somebody works on a run, whom a nudge reaches."""
    try:
        check_runs(path)
    except BadInput:
        return False
    return True


def _possible(path: Path, found: Sequence[Suggestion], train: Trainable) -> list[Suggestion]:
    """Those for branches that can still be nudged, with what of each can be done."""
    if not found:
        return []
    deciding, works = deciding_by_log(path, train), is_trained(path)
    kept = []
    for each in found:
        branch = deciding.scheduler.branches[each.branch]
        proposed = possible(deciding, branch, each.values, each.rollback, works=works)
        if not branch.left and (proposed != NOTHING or not each.values):
            kept.append(replace(each, values=proposed[0], rollback=proposed[1]))
    return kept


def _can_be(values: Mapping[str, Any], config: Config, rules: Rules) -> bool:
    try:
        changed(values, config, config, rules)
    except BadInput:
        return False
    return True
