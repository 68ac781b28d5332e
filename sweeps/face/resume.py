"""`sweeps.resume`: goes on with a sweep that has ended, whatever ended it, as it was or changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from sweeps.errors import BadInput, choices
from sweeps.events import Event, SearchBegun
from sweeps.execution import Trainable
from sweeps.face.execute import (
    check_before,
    closing_lease,
    new_ledger,
    new_retention,
    process_begun,
    running_executor,
    sweep,
)
from sweeps.face.past import Past, check_same, other_versions, plan_of_past, read_past
from sweeps.face.resolve import watcher_if
from sweeps.knowledge import Knowledge
from sweeps.nudging import observed_branches
from sweeps.results import SweepResult
from sweeps.retuning import search_after
from sweeps.schedulers import is_panda, is_population
from sweeps.space import Space
from sweeps.spec import SweepSpec, overridden, spec_text
from sweeps.store import EARLIER_FILE, LOG, SPEC_FILE, RunDirectory, read_earlier, sync_log, write_earlier
from sweeps.sweep.contradictions import Contradiction, contradicts
from sweeps.sweep.planning.hints import hints_of_earlier
from sweeps.sweep.planning.plan import Plan, make_plan
from sweeps.sweep.progress import Callback, Guarded, Observer, Silent
from sweeps.sweep.replay import Replay, replay_decisions
from sweeps.sweep.retention import CHANGED
from sweeps.trial import Status

Retried = Literal["failed", "infeasible"]
_Item = TypeVar("_Item")

_NOT_SEARCHED = {
    "workers",
    "resources",
    "retries",
    "device",
    "name",
    "versions",
    "data",
}  # keys that decide nothing of the search
_FLUSHED_EVENTS = 5000
_SAY_SECONDS = 5.0


def resume(
    directory: str | Path,
    *,
    train: Trainable | None = None,
    data: Any = None,
    retry: Retried | None = None,
    changed_code: bool = False,
    workers: int | None = None,
    address: str | None = None,
    serial: bool = False,
    progress: bool = True,
    callbacks: Sequence[Callback] = (),
    autopilot: bool = False,
    **changes: Any,
) -> SweepResult:
    """Go on with a sweep after any end: finished, interrupted, killed, or with its machine lost.

    What is in its log counts: trials that have ended are not trained again, paused ones go on from their
    checkpoints, and jobs that were in training are trained once more. The scheduler is brought to where it
    was, so that a sweep without changes goes on as if it had never ended.

    Args:
        directory: The sweep's folder.
        train: The trainable, where it cannot be imported: a lambda, or a function of a script.
        data: The data, where the sweep was given some in memory; in any form that `run` takes.
        retry: "failed" or "infeasible": trials that ended so are trained again from the beginning.
        changed_code: Whether a trainable or data that differ from before are right all the same.
        workers: How many train at once; by default as before.
        address: Of a Ray cluster to join, as in `run`.
        serial: Train in this process instead.
        progress: Show progress on the error stream.
        callbacks: As in `run`.
        autopilot: As in `panda`, where it is one.
        changes: What is to be different from here on, by the keys of a spec, such as ``trials=128``,
            ``epochs=81`` or a ``space``. The trials that there are count as tried. Those that were trained
            without a hyperparameter which is new tell the search nothing, unless its distribution says which
            value they had: ``sweeps.Uniform(0, 0.99, before=0.9)``.

    Returns:
        The tables, of all processes that have worked on the sweep.

    Raises:
        BadInput: There is no sweep to resume, another process is working on it, it has changed in a way that
            was not said, or the changes cannot be.
        AllTrialsFailed, WorkersLost, LogLost, Interrupted: As in `run`.

    Example:
        After ``sweeps.run(train, space=space, out="runs/mine")`` was killed::

            result = sweeps.resume("runs/mine")
            result = sweeps.resume("runs/mine", trials=128)  # and twice as many configs
    """
    if workers is not None:
        changes["workers"] = workers
    return resume_sweep(
        directory,
        train=train,
        data=data,
        keys=changes,
        retry=retry,
        changed_code=changed_code,
        address=address,
        serial=serial,
        observer=watcher_if(progress),
        callbacks=callbacks,
        autopilot=autopilot,
    )


def resume_sweep(
    directory: str | Path,
    *,
    train: Trainable | None = None,
    data: Any = None,
    overrides: Sequence[str] = (),
    keys: Mapping[str, Any] | None = None,
    retry: Retried | None = None,
    changed_code: bool = False,
    address: str | None = None,
    serial: bool = False,
    observer: Observer | None = None,
    callbacks: Sequence[Callback] = (),
    prints: bool = False,
    autopilot: bool = False,
    plan: Plan | None = None,
) -> SweepResult:
    """`resume` with changes as a command line has them, too: ``trials=128``. Raises what it raises.

    Where the check of a retune ends here with a winner that has lost, its search follows.

    plan: Of the folder's own spec, where whoever calls has made it already.
    """
    path, observer = Path(directory).absolute(), Guarded(observer or Silent())
    given: dict[str, Any] = {
        "train": train,
        "data": data,
        "changed_code": changed_code,
        "address": address,
        "serial": serial,
        "observer": observer,
        "callbacks": callbacks,
        "prints": prints,
        "autopilot": autopilot,
    }
    result = _resumed(path, overrides, keys, retry, plan, **given)
    search = search_after(result)
    if search is None:
        return result
    observer.notice("the earlier winner has lost: a short search for a better config follows")
    return _resumed(path, (), search, None, None, **given)


def _resumed(
    path: Path,
    overrides: Sequence[str],
    keys: Mapping[str, Any] | None,
    retry: Retried | None,
    plan: Plan | None,
    *,
    train: Trainable | None,
    data: Any,
    changed_code: bool,
    address: str | None,
    serial: bool,
    observer: Guarded,
    callbacks: Sequence[Callback],
    prints: bool,
    autopilot: bool,
) -> SweepResult:
    if retry not in (None, *get_args(Retried)):
        raise BadInput("retry", retry, "is no status to try again", choices(get_args(Retried), retry))
    past = read_past(path)
    spec = overridden(past.search.spec, SPEC_FILE, overrides, keys)
    _check_changes(overridden(past.search.spec, SPEC_FILE), spec)
    _check_retry(retry, spec)
    if plan is None:
        again = "sweeps.resume(directory, data=…)"
        plan = plan_of_past(spec, past.process, train, data, again, _earlier(past, spec, path))
    check_same(plan, [past.process], changed_code)
    with closing_lease(path) as lease:
        sync_log(path / LOG)
        check_before(plan, address, serial, observer)
        for hint in other_versions(plan, past.process):
            observer.hint(hint)
        earlier = [Space(overridden(each, SPEC_FILE).space) for each in past.specs]
        run = RunDirectory(
            path, spec_text(plan.spec, plan.versions), plan.space, plan.metrics, resumed=True, earlier=earlier
        )
        write_earlier(path, plan.earlier)
        replay = _replay(plan, run, past, observer)
        retried = 0 if retry is None else replay.retry(Status(retry))
        plan, search = _search_on(plan, past, replay, retried, observer)
        retention = new_retention(plan, run)
        for trial, epoch in replay.ledger.changed():
            retention.hold(trial, epoch, CHANGED)
        retention.resume(replay.ledger.rows)
        unfinished = replay.jobs_left()
        nothing_left = plan.scheduler.finished and not unfinished
        if nothing_left:
            observer.notice("the sweep is complete; to extend it, add for example --set trials=…")
        alone = serial or nothing_left or plan.scheduler.babysat is not None
        with running_executor(plan, path, address, alone, observer, prints) as (executor, stop):
            opening: list[Event] = [process_begun(plan, Path(past.process.folder))]
            opening += [search] if search is not past.search else []
            opening += [replay.take_up(job) for job in unfinished]
            if not nothing_left:
                observer.notice(_told(replay, len(unfinished)))
            ledger, rounds = replay.ledger, replay.rounds
            return sweep(
                plan,
                executor,
                run,
                ledger,
                retention,
                observer,
                stop,
                lease,
                opening,
                callbacks,
                unfinished=unfinished,
                rounds=rounds,
                first_round=search.first_round,
                used=replay.seconds,
                retried=replay.retried,
                unwanted=replay.unwanted,
                nudged={nudge.name for nudge in replay.nudges} | replay.refused,
                autopilot=autopilot,
            )


def _check_changes(before: SweepSpec, now: SweepSpec) -> None:
    """Raise `BadInput` where what is to change is of the sweep's begin, which is over."""
    if "start_with" in _changes(before, now):
        rule = "comes too late: this sweep has begun, and start_with says what it begins with"
        fix = "leave it out, or start a new sweep with it, in another folder: caviar run … --set start_with=…"
        raise BadInput("start_with", now.start_with, rule, fix)

    check = before.retune is not None and not before.retune.search and now.retune == before.retune
    if check and (changed := _changes(before, now)):
        rule = "cannot change while an earlier winner is tried again: its check goes by what it began with"
        raise BadInput(changed[0], getattr(now, changed[0]), rule, "leave it out, or start a new retune")


def _check_retry(retry: str | None, spec: SweepSpec) -> None:
    if retry is not None and is_population(spec.scheduler):
        rule = f"cannot be with scheduler: {spec.scheduler}, where others go on in place of such trials"
        raise BadInput("retry", retry, rule, "leave it out")


def _earlier(past: Past, spec: SweepSpec, path: Path) -> Sequence[Knowledge] | None:
    """What the sweep has learned from so far, as it was then; None where it is to learn from others now."""
    if overridden(past.search.spec, SPEC_FILE).learn_from != spec.learn_from:
        return None
    try:
        known = read_earlier(path)
        if spec.learn_from and not known:
            raise ValueError(f"{path / EARLIER_FILE}, which has what it learned, is gone")
        return known
    except ValueError as error:
        fix = f"put the file back; or go on without it: caviar resume {path} --set learn_from=false"
        raise BadInput("learn_from", str(path), str(error), fix) from None


def _replay(plan: Plan, run: RunDirectory, past: Past, observer: Observer) -> Replay:
    replay = Replay(new_ledger(plan, run), plan.space)
    events = _counted(past.reader, "read {} events of the log", observer.notice)
    for number, event in enumerate(events):
        try:
            replay.take(event)
        except Contradiction as fault:
            raise contradicts(run.path, past.reader.next - 1, fault) from None
        if number % _FLUSHED_EVENTS == 0:
            run.metrics.flush()
    run.log.number = past.reader.next
    return replay


def _search_on(
    plan: Plan, past: Past, replay: Replay, retried: int, observer: Observer
) -> tuple[Plan, SearchBegun]:
    """The plan with a scheduler that knows all there is: replayed, or a fresh one where that cannot be.

    With the event that the search began with, a new one for a fresh scheduler.
    """
    before = overridden(past.search.spec, SPEC_FILE)
    changed = _changes(before, plan.spec)
    if changed or retried:
        why = (
            f"changed: {', '.join(changed)}"
            if changed
            else f"{retried} trial{' is' if retried == 1 else 's are'} trained again"
        )
    else:
        differs = _replay_decisions(plan, past, replay, observer)
        if differs is None:
            return plan, past.search
        why = f"decision {differs} was another one when it was made again; versions may differ"
        observer.notice(f"the search does not come out as before ({why}): it goes on from all results")
        plan = make_plan(plan.spec, plan.train, plan.data, earlier=plan.earlier)
    by_hand = plan.scheduler.babysat is not None and is_panda(before.scheduler)
    observed = observed_branches(past.search, replay, plan.space) if by_hand else replay.observations()
    for hint in hints_of_earlier(plan.space, [seen.config for seen in observed if seen.repeats is None]):
        observer.hint(hint)
    plan.scheduler.observe(observed, len(replay.rounds))
    search = SearchBegun(
        time=time.time(),
        spec=spec_text(plan.spec, plan.versions),
        why=why,
        observed=observed,
        first_round=len(replay.rounds),
    )
    return plan, search


def _counted(items: Iterable[_Item], text: str, say: Callable[[str], None]) -> Iterator[_Item]:
    """The items; every few seconds it is said how many there have been."""
    due = time.monotonic() + _SAY_SECONDS
    for number, item in enumerate(items):
        if time.monotonic() >= due:
            due = time.monotonic() + _SAY_SECONDS
            say(text.format(f"{number:,}"))
        yield item


def _replay_decisions(plan: Plan, past: Past, replay: Replay, observer: Observer) -> int | None:
    if past.search.observed:
        observed = [replay.own(seen) for seen in past.search.observed]
        plan.scheduler.observe(observed, past.search.first_round)
    text = f"the search is brought to where it was: {{}} of {len(replay.decisions):,} decisions"
    return replay_decisions(plan.scheduler, _counted(replay.decisions, text, observer.notice))


def _changes(before: SweepSpec, now: SweepSpec) -> list[str]:
    then, asked = before.model_dump(), now.model_dump()
    return [key for key in asked if key not in _NOT_SEARCHED and asked[key] != then[key]]


def _told(replay: Replay, unfinished: int) -> str:
    rows = replay.ledger.rows
    again = (
        f"; {unfinished} that had not ended {'is' if unfinished == 1 else 'are'} trained on"
        if unfinished
        else ""
    )
    trials = f"{len(rows)} trial{'s'[: len(rows) != 1]}"
    return f"resumed with {trials} and {replay.ledger.trained_epochs} epochs{again}"
