"""`sweeps.adopt`: a trial of a sweep goes on as a model that a person babysits."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sweeps.errors import BadInput
from sweeps.events import Event, JobReported, JobsAsked, Noticed, SearchBegun
from sweeps.execution import Trainable
from sweeps.face.babysitting.panda import panda_spec
from sweeps.face.past import Past, check_same, plan_of_past, read_past
from sweeps.face.resolve import watcher_if
from sweeps.face.resume import resume_sweep
from sweeps.nudging.suggest import ADOPTED
from sweeps.observation import Observation
from sweeps.results import SweepResult
from sweeps.space import Config, Space
from sweeps.spec import SweepSpec, overridden, spec_text
from sweeps.store import LOG, SPEC_FILE, Checkpoints, LogReader, RunDirectory, claimed
from sweeps.sweep.planning.checks import check_device
from sweeps.sweep.planning.plan import Plan
from sweeps.sweep.progress import Guarded, Observer, Silent
from sweeps.trial import Checkpoint, Job, Outcome


@dataclass(frozen=True)
class Adopted:
    """A trial's past: its jobs with their reports, as trial 0, and the checkpoint to go on from, if any.

    Attributes:
        told: From which epoch it goes on, and why.
    """

    events: Sequence[Event]
    config: Config
    seed: int
    epochs: int
    objective: float | None
    checkpoint: Checkpoint | None
    told: str


def adopt(
    directory: str | Path,
    trial: int,
    *,
    config: Mapping[str, Any] | None = None,
    epoch: int | None = None,
    every: int = 1,
    out: str | Path | None = None,
    train: Trainable | None = None,
    data: Any = None,
    changed_code: bool = False,
    progress: bool = True,
    autopilot: bool = False,
    **keys: Any,
) -> SweepResult:
    """Go on with a trial of a sweep as a panda, in a folder of its own.

    Its config, seed, data and curve come from the sweep's folder, and so does its last checkpoint that was
    kept, as a rule that of its best epoch; where none was, it is trained from the beginning. It is said from
    which epoch it goes on. The sweep is only read.

    Args:
        directory: The sweep's folder. trial: The trial's number.
        config: What is to be different from the trial's config, from the first epoch on; then it is trained
            from the beginning.
        epoch: Of the checkpoint to go on from; by default the last that was kept.
        every, out, progress, autopilot: As in `sweeps.panda`.
        train, data, changed_code: As in `sweeps.resume`.
        keys: Keys of the spec that are to be different, such as ``epochs=100``.

    Raises:
        BadInput: There is no such trial, or it cannot go on.

    Example:
        ::

            sweeps.adopt("runs/digits", trial=17, epochs=100)
    """
    return adopt_trial(
        Path(directory),
        trial,
        config or {},
        epoch,
        every,
        out,
        keys=keys,
        train=train,
        data=data,
        changed_code=changed_code,
        observer=watcher_if(progress),
        autopilot=autopilot,
    )


def adopt_trial(
    directory: Path,
    trial: int,
    config: Mapping[str, Any],
    epoch: int | None,
    every: int,
    out: str | Path | None,
    overrides: Sequence[str] = (),
    keys: Mapping[str, Any] | None = None,
    train: Trainable | None = None,
    data: Any = None,
    changed_code: bool = False,
    observer: Observer | None = None,
    autopilot: bool = False,
) -> SweepResult:
    """`adopt` with keys as a command line has them, too."""
    directory, observer = directory.absolute(), Guarded(observer or Silent())
    past = read_past(directory)
    found = _with_config(_adopted(directory, trial, epoch), config, epoch)
    spec = _spec_of(past, found, trial, every, overrides, keys)
    again = "sweeps.adopt(directory, trial, data=…)"
    plan = plan_of_past(spec, past.process, train, data, again)
    check_same(plan, [past.process], changed_code)
    check_device(plan.train, plan.spec.device)
    observer.notice(found.told)
    with claimed(out, spec.name) as path:  # all that can be wrong was said before
        _write(path, plan, past, found, ADOPTED.format(trial, directory))
        return resume_sweep(path, plan=plan, changed_code=True, observer=observer, autopilot=autopilot)


def _with_config(found: Adopted, config: Mapping[str, Any], epoch: int | None) -> Adopted:
    """The same from the beginning, where its config is to be another one. Raises `BadInput`."""
    if not config:
        return found
    if epoch:
        rule = "cannot be gone on from with another config, which counts from the first epoch on"
        raise BadInput("--from", epoch, rule, "leave out --config, and nudge it once it is trained")
    told = "its config is to be another one, so it is trained from the beginning"
    own = {**found.config, **config}
    return replace(found, config=own, events=(), epochs=0, objective=None, checkpoint=None, told=told)


def _adopted(path: Path, trial: int, epoch: int | None) -> Adopted:
    """What is known of a trial up to a checkpoint, by default its last. Raises `BadInput`."""
    jobs: list[Job] = []
    reports: list[JobReported] = []
    for event in LogReader(path / LOG).every(JobsAsked, JobReported):
        if isinstance(event, JobReported):
            reports += [event] if event.trial == trial else []
        elif isinstance(event, JobsAsked):
            jobs += [job for job in event.jobs if job.trial == trial]
    if not jobs:
        rule = "is no trial that this sweep has begun"
        raise BadInput("--trial", trial, rule, f"caviar top {path} shows the best")
    if jobs[-1].parent is not None or jobs[-1].change is not None:
        rule = "is a branch of a panda"
        raise BadInput("--trial", trial, rule, f"go on with all of it: caviar resume {path}")
    reached = max((report.epochs for report in reports if report.count), default=0)
    store = Checkpoints(path / "checkpoints")
    kept = sorted(each for each in store.epochs(trial) if each <= reached)
    if epoch and epoch not in kept:
        fix = f"there are checkpoints of {', '.join(map(str, [0, *kept]))}"
        raise BadInput("--from", epoch, f"is an epoch without a checkpoint of trial {trial}", fix)
    checkpoint = store.load(trial, reached if epoch is None else epoch)
    epochs = 0 if checkpoint is None else checkpoint.epoch
    events, objective = _as_one_job(jobs[-1], reports, epochs)
    told = f"trial {trial} {_goes_on(epochs, reached, kept, epoch is not None)}"
    return Adopted(events, jobs[-1].config, jobs[-1].seed, epochs, objective, checkpoint, told)


def _goes_on(epochs: int, reached: int, kept: Sequence[int], chosen: bool) -> str:
    """From which epoch, and why."""
    if not epochs:
        why = "as was asked" if chosen else "the sweep kept no checkpoint of it that can be read"
        return f"is trained from the beginning: {why}"
    if epochs == reached:
        why = "its last"
    else:
        why = "as was asked" if chosen else "the sweep kept no later checkpoint of it"
    others = [each for each in kept if each != epochs]
    more = f"; kept, too: {', '.join(map(str, others))} (--from EPOCH)" if others and not chosen else ""
    return f"goes on from epoch {epochs} of {reached}: {why}{more}"


def _as_one_job(
    job: Job, reports: Sequence[JobReported], epochs: int
) -> tuple[Sequence[Event], float | None]:
    """The trial as trial 0, trained up to an epoch in one job: events of the new log, and its objective."""
    if not epochs:
        return (), None
    asked = replace(job, trial=0, start=0, stop=epochs, round=0, repeats=None)
    kept = [
        _cut(report, epochs) for report in reports if report.count and report.epochs - report.count < epochs
    ]
    last = replace(kept[-1], outcome=Outcome.DONE, seconds=_seconds(reports), error=None)
    events: list[Event] = [
        JobsAsked(time=min(report.time for report in reports), capacity=1, jobs=(asked,)),
        *kept[:-1],
        last,
    ]
    return events, last.objective


def _seconds(reports: Iterable[JobReported]) -> float:
    return sum(report.seconds for report in reports if report.outcome is not Outcome.RUNNING)


def _cut(report: JobReported, epochs: int) -> JobReported:
    """The report of trial 0, in training, without the epochs after this one."""
    over = max(report.epochs - epochs, 0)
    rows = {name: list(column)[: report.count - over] for name, column in report.rows.items()}
    return replace(
        report,
        trial=0,
        outcome=Outcome.RUNNING,
        rows=rows,
        count=report.count - over,
        epochs=report.epochs - over,
    )


def _spec_of(
    past: Past,
    found: Adopted,
    trial: int,
    every: int,
    overrides: Sequence[str],
    keys: Mapping[str, Any] | None,
) -> SweepSpec:
    """The sweep's spec, as one of a panda that goes on from the trial. Raises `BadInput`."""
    before = overridden(past.search.spec, SPEC_FILE)
    asked = {override.partition("=")[0].partition(".")[0] for override in overrides} | {*(keys or {})}
    more = {"epochs": found.epochs + before.epochs, "name": f"{before.name}-{trial}"}
    more = {key: value for key, value in more.items() if key not in asked}
    spec = overridden(past.search.spec, SPEC_FILE, overrides, {**more, **(keys or {})})
    if spec.epochs <= found.epochs:
        rule = f"leaves nothing to train: the trial has {found.epochs} behind it"
        raise BadInput("epochs", spec.epochs, rule, f"write --set epochs={found.epochs + before.epochs}")
    begun = panda_spec(spec, found.config, every).model_copy(update={"start_with": None})
    _check_effect(spec, begun, asked)
    return begun


def _check_effect(spec: SweepSpec, begun: SweepSpec, asked: Iterable[str]) -> None:
    """Raise `BadInput` where a key was given another value than the panda has."""
    for key in sorted(asked):
        wished, value = getattr(spec, key), getattr(begun, key)
        if key == "space":
            wished, value = Space(wished).distributions, Space(value).distributions
        if wished != value:
            rule = "has no effect on a trial that is adopted"
            raise BadInput(key, None, rule, _INSTEAD.get(key, "leave it out"))


_INSTEAD = {
    "scheduler": "leave it out; --every says how many epochs a job has",
    "space": "leave out what the trial has a value of; nudge it, or begin anew with --config NAME=VALUE",
}


def _write(path: Path, plan: Plan, past: Past, found: Adopted, why: str) -> None:
    """A run directory whose log has the trial's past, to be resumed."""
    text, space = spec_text(plan.spec, past.process.versions), plan.space
    waits = Observation(0, found.config, found.epochs, found.objective, Outcome.DONE, seed=found.seed)
    directory = RunDirectory(path, text, space)
    for event in _log(past, text, found, waits, why):
        directory.log.append(event)
    if found.checkpoint is not None:
        directory.checkpoints.save(0, found.checkpoint, why)
    directory.close(())


def _log(past: Past, text: str, found: Adopted, waits: Observation, why: str) -> Iterator[Event]:
    now = time.time()
    yield replace(past.process, time=now)
    yield Noticed(time=now, text=found.told)  # before what is of another time: nobody worked in between
    if found.events:
        yield SearchBegun(time=now, spec=text)
        yield from found.events
    yield SearchBegun(time=now, spec=text, why=why, observed=(waits,))
