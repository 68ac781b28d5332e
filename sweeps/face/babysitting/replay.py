"""`sweeps.replay`: trains the jobs of a log again, in their order, and compares the weights."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sweeps.errors import BadInput, choices
from sweeps.events import (
    Event,
    JobReported,
    JobsAsked,
    Nudged,
    ProcessBegun,
    RoundBegun,
    SearchBegun,
    SweepEnded,
)
from sweeps.execution import SerialExecutor, Trainable
from sweeps.face.babysitting.held import Held
from sweeps.face.execute import closing_lease, new_ledger, process_begun
from sweeps.face.past import Past, check_same, plan_of_past, read_past
from sweeps.face.reproduce import epoch_watch
from sweeps.results.replayed import BranchReplay, Replayed, same_state
from sweeps.spec import overridden, spec_text
from sweeps.store import LOG, SPEC_FILE, LogReader, RunDirectory, claimed
from sweeps.store.checkpoints import checkpoint_path, read_checkpoint
from sweeps.sweep.ledger import Ledger
from sweeps.sweep.planning.checks import check_device
from sweeps.sweep.planning.plan import Plan
from sweeps.sweep.replay import in_own_values
from sweeps.trial import Checkpoint, Job, Outcome, Report, Round

_POLL_SECONDS = 0.2
_AGAIN = "sweeps.replay(directory, data=…)"


def replay(
    directory: str | Path,
    *,
    trial: int | None = None,
    out: str | Path | None = None,
    train: Trainable | None = None,
    data: Any = None,
    changed_code: bool = False,
    progress: bool = True,
) -> Replayed:
    """Train what a log has again, job by job, each from the checkpoint and with the config that it had.

    Args:
        directory: The folder of a panda, or of any sweep; it is only read.
        trial: Train this trial alone, with what it began from.
        out: A folder to write the same run to, checkpoints and all; None to compare alone.
        train, data, changed_code, progress: As in `sweeps.reproduce`.

    Returns:
        Per branch, whether its metrics and the weights of its kept checkpoints are equal, bit for bit.

    Raises:
        BadInput: There is no such run or trial, or code or data have changed and nobody has said that this is
            right.

    Example:
        ::

            assert sweeps.replay("runs/p").equal
    """
    path = Path(directory).absolute()
    past = read_past(path)
    processes = list(past.reader.every(ProcessBegun))
    plan = plan_of_past(overridden(past.search.spec, SPEC_FILE), past.process, train, data, _AGAIN)
    check_same(plan, processes, changed_code)
    check_device(plan.train, plan.spec.device)
    wanted, held_for = _wanted(path, trial)
    if out is not None and trial is not None:
        rule = "is written of a whole run, and one trial was asked for"
        raise BadInput("out", str(out), rule, "leave out one of the two")
    watch = epoch_watch() if progress else lambda *_: None
    with ExitStack() as held, closing(SerialExecutor(plan.workload)) as executor:
        copy = None if out is None else _begin_copy(held, plan, past, out)
        again = _Again(path, plan, executor, wanted, held_for, copy, sum(wanted.values()))
        for event in LogReader(path / LOG):
            again.take(event)
            watch(again.last, again.trained, again.epochs)
        if copy is not None:
            copy.end()
    return Replayed(path, None if copy is None else copy.directory.path, tuple(again.branches.values()))


def _wanted(path: Path, trial: int | None) -> tuple[Mapping[int, int], Held]:
    """The trials that are trained again, and up to which epoch: all, or one with those it comes from; and
    what is to hold their checkpoints."""
    parents: dict[int, tuple[int, int] | None] = {}
    ends: dict[int, int] = {}
    jobs: Counter[int] = Counter()
    for event in LogReader(path / LOG).every(JobsAsked, JobReported):
        if isinstance(event, JobsAsked):
            parents |= {job.trial: job.parent for job in event.jobs}
        elif isinstance(event, JobReported):
            ends[event.trial] = event.epochs
            jobs[event.trial] += event.outcome is not Outcome.RUNNING
    if trial is None:
        return ends, Held(jobs, parents)
    if trial not in ends:
        raise BadInput("trial", trial, "is no trial that has been trained", choices(ends, trial))
    found = {trial: ends[trial]}
    while (parent := parents.get(trial)) is not None:
        trial, most = parent
        found[trial] = most
    return found, Held({each: jobs[each] for each in found}, parents)


@dataclass
class _Copy:
    """The run that is written meanwhile."""

    directory: RunDirectory
    ledger: Ledger
    rounds: list[Round] = field(default_factory=list)

    def emit(self, event: Event) -> None:
        self.directory.log.append(event)

    def end(self) -> None:
        """Nothing is left to train."""
        self.ledger.close(interrupted=False)
        self.emit(SweepEnded(time=time.time(), how="complete"))
        self.directory.close(self.rounds)


def _begin_copy(held: ExitStack, plan: Plan, past: Past, out: str | Path) -> _Copy:
    path = held.enter_context(claimed(out, plan.spec.name))
    held.enter_context(closing_lease(path))
    directory = RunDirectory(path, spec_text(plan.spec, plan.versions), plan.space, plan.metrics)
    copy = _Copy(directory, new_ledger(plan, directory))
    copy.emit(process_begun(plan, Path(past.process.folder)))
    return copy


@dataclass
class _Again:
    """Takes in the events of the log, and trains a job where its end stands there."""

    path: Path
    plan: Plan
    executor: SerialExecutor
    wanted: Mapping[int, int]
    held: Held
    copy: _Copy | None
    epochs: int
    trained: int = 0
    last: int = 0
    branches: dict[int, BranchReplay] = field(default_factory=dict)
    _jobs: dict[int, Job] = field(default_factory=dict)
    _rows: dict[int, dict[int, dict[str, float | None]]] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        if isinstance(event, JobsAsked):
            self._asked(event)
        elif isinstance(event, JobReported):
            self._reported(event)
        elif self.copy is not None and isinstance(event, SearchBegun | RoundBegun | Nudged):
            self.copy.emit(event)
            self.copy.rounds += [event.round] if isinstance(event, RoundBegun) else []

    def _asked(self, event: JobsAsked) -> None:
        jobs = [self._own(job) for job in event.jobs if job.trial in self.wanted]
        self._jobs |= {job.trial: job for job in jobs}
        if self.copy is not None:
            self.copy.emit(replace(event, jobs=tuple(jobs)))
            for job in jobs:
                self.copy.ledger.begin(job, event.time)

    def _own(self, job: Job) -> Job:
        space, change = self.plan.space, job.change
        if change is not None:
            change = replace(change, before=in_own_values(change.before, space))
        return replace(job, config=in_own_values(job.config, space), change=change)

    def _reported(self, event: JobReported) -> None:
        if event.trial not in self.wanted:
            return
        rows = self._rows.setdefault(event.trial, {})
        for place in range(event.count):
            epoch = event.epochs - event.count + 1 + place
            rows[epoch] = {name: column[place] for name, column in event.rows.items()}
        if event.outcome is not Outcome.RUNNING and event.trial in self._jobs:
            job = self._jobs.pop(event.trial)
            self.held.take(job, self._train(job, event))
            if not self.held.goes_on(event.trial):
                del self._rows[event.trial]

    def _train(self, job: Job, then: JobReported) -> list[Checkpoint]:
        """A job is trained again up to where it ended, unless its trial is wanted for fewer epochs; what it
        has saved."""
        if job.start >= self.wanted[job.trial] or then.epochs <= job.start:
            return []
        stopped = then.outcome is Outcome.STOPPED
        report = self._run(replace(job, stop=then.epochs) if stopped else job)
        self.last, self.trained = job.trial, self.trained + report.epochs - job.start
        branch = self.branches.get(job.trial) or BranchReplay(job.trial, job.parent)
        branch = branch.then(report, then.outcome, self._rows[job.trial])
        saved = [each for each in (report.best, report.checkpoint) if each is not None]
        for checkpoint in saved:
            branch = self._compared(branch, job, checkpoint)
        self.branches[job.trial] = branch
        if self.copy is not None:
            self.copy.emit(self.copy.ledger.record(report, time.time()))
        return saved

    def _run(self, job: Job) -> Report:
        # From what was trained here before, so that a difference is not lost.
        self.executor.submit(job, self.held.before(job) if job.start else None)
        while True:
            for report in self.executor.poll(_POLL_SECONDS):
                if report.outcome is not Outcome.RUNNING:
                    return report

    def _compared(self, branch: BranchReplay, job: Job, checkpoint: Checkpoint) -> BranchReplay:
        """Hold it against the one in the folder, if there is one."""
        if self.copy is not None:
            self.copy.directory.checkpoints.save(job.trial, checkpoint, "trained again")
        then = read_checkpoint(checkpoint_path(self.path / "checkpoints", job.trial, checkpoint.epoch))
        return (
            branch if then is None else branch.weighed(checkpoint.epoch, same_state(then, checkpoint.state))
        )
