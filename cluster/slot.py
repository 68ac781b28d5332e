"""A worker's slot in the pool: stays when the actor in it dies and another takes its place."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeAlias

import ray

from cluster.shipping import Ref
from sweeps.trial import Checkpoint, Job, Report

Actor: TypeAlias = Any
JOBS_A_WORKER = 2  # one in training and one waiting, so that no worker idles while the loop decides …
LONG_SECONDS = 1.0  # … unless jobs are longer than this: then another worker may be free sooner

_numbers = count()  # of jobs as they are handed out, over all slots


@dataclass(frozen=True)
class Stop:
    """That a job is to end, why, and by when at the latest, by `time.monotonic`."""

    why: str | None
    deadline: float


@dataclass
class Assignment:
    """A job with what it needs, and how often it has taken a worker down with it.

    Attributes:
        job: What to train.
        checkpoint: What to go on from.
        deaths: How many workers have died while training it.
        suspect: Whether it was held by a worker that died. It is then trained alone: of two jobs, the report
            of the first may be lost with the worker that the second kills, and the first be blamed.
        number: Of this attempt to train it, on its worker.
        stop: Set when it is to end.
    """

    job: Job
    checkpoint: Checkpoint | None
    deaths: int = 0
    suspect: bool = False
    number: int = -1
    stop: Stop | None = None

    @property
    def label(self) -> str:
        """What the Ray dashboard calls it. Ray keeps metrics by call name for ever, some 4 KB each, so the
        trial's number must not be part of it."""
        return f"train epochs {self.job.start}-{self.job.stop}"


@dataclass
class WorkerSlot:
    """One worker at a time, and the jobs it holds in the order it will train them.

    Attributes:
        name: What the tables call its worker, such as "worker-03".
        start_worker: Starts the slot's n-th worker, given the slot's name and n; returns the actor, and a
            reference to what comes once it has loaded the trainable.
        held: The jobs by the reference to their report.
        failed_starts: How many workers in a row have died, or could not load the trainable, on the way up.
        pid: Its worker's process, where that runs; 0 before it has loaded.
    """

    name: str
    start_worker: Callable[[str, int], tuple[Actor, Ref]]
    held: dict[Ref, Assignment] = field(default_factory=dict)
    starts: int = 0
    failed_starts: int = 0
    pid: int = 0

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Put a fresh worker into the slot."""
        self.starts += 1
        self.actor, loading = self.start_worker(self.name, self.starts)
        self.loading: Ref | None = loading
        self.started = time.monotonic()
        self.watch: Ref | None = None
        self.held, self.pid = {}, 0
        self.withdrawals: dict[Ref, Ref] = {}  # the answer's reference → that of the job's report
        self._turn = self._last_epoch = 0.0  # when the job in training began, and had its last epoch

    def free(self, ahead: bool) -> int:
        """How many jobs it can take; none before its worker is up, and none beside a suspect.

        ahead: whether it takes a job while another is in training; never while that is a long one.
        """
        if self.loading is not None or any(assignment.suspect for assignment in self.held.values()):
            return 0
        ahead = ahead and not (self.held and time.monotonic() - self._turn > LONG_SECONDS)
        return max((JOBS_A_WORKER if ahead else 1) - len(self.held), 0)

    def takes(self, assignment: Assignment, ahead: bool) -> bool:
        """Whether it can take this job now; a suspect is trained alone."""
        return self.free(ahead) > 0 and not (assignment.suspect and self.held)

    def refs(self) -> list[Ref]:
        """Every reference whose answer is still to come."""
        others = (ref for ref in (self.loading, self.watch) if ref is not None)
        return [*self.held, *self.withdrawals, *others]

    @property
    def first(self) -> tuple[Ref, Assignment] | None:
        """The job in training."""
        return next(iter(self.held.items()), None)

    @property
    def silent(self) -> float:
        """For how many seconds the job in training has had no new epoch."""
        return time.monotonic() - self._last_epoch

    @property
    def seconds(self) -> float:
        """For how long the job in training has been that."""
        return time.monotonic() - self._turn

    def submit(self, assignment: Assignment) -> None:
        assignment.number = next(_numbers)
        ref = self.actor.train.options(name=assignment.label).remote(
            assignment.number, assignment.job, assignment.checkpoint
        )
        if not self.held:
            self._turn = self._last_epoch = time.monotonic()
        self.held[ref] = assignment

    def let_go(self, ref: Ref) -> Assignment:
        """Its job has ended, or was withdrawn; the next one is in training now."""
        was_first = next(iter(self.held)) == ref
        assignment = self.held.pop(ref)
        if was_first:
            self._turn = self._last_epoch = time.monotonic()
            if self.first is not None:
                self._pass_on_stop(self.first[1])
        return assignment

    def hear(self, report: Report) -> bool:
        """Take in how the job in training stands; False where the report is of another one."""
        if all(report.trial != assignment.job.trial for assignment in self.held.values()):
            return False  # it has ended in the meantime
        self._last_epoch = time.monotonic() - report.silent
        return True

    def ask_progress(self) -> None:
        """Ask how the job in training stands, unless that has been asked already."""
        if self.held and self.watch is None:
            self.watch = self.actor.progress.remote()

    def withdraw_waiting(self) -> None:
        """Ask for the jobs back that wait behind one that has turned out to be long."""
        if len(self.held) > 1 and self.seconds > LONG_SECONDS:
            for ref in list(self.held)[1:]:
                self._withdraw(ref)

    def stop(self, ref: Ref, stop: Stop) -> None:
        """Have a job end: at its next epoch, or at once if it has not begun."""
        assignment = self.held[ref]
        if assignment.stop is not None:
            return
        assignment.stop = stop
        if ref == next(iter(self.held)):
            self._pass_on_stop(assignment)
        else:
            self._withdraw(ref)

    def not_withdrawn(self, ref: Ref) -> None:
        """A job that was asked back has begun: it stays."""
        if ref in self.held:
            self._pass_on_stop(self.held[ref])

    def clear(self) -> list[Assignment]:
        """End the worker, dead or not; returns the jobs it held, the one in training first."""
        held = list(self.held.values())
        ray.kill(self.actor)
        self.held = {}
        return held

    def _withdraw(self, ref: Ref) -> None:
        if ref not in self.withdrawals.values():
            self.withdrawals[self.actor.withdraw.remote(self.held[ref].number)] = ref

    def _pass_on_stop(self, assignment: Assignment) -> None:
        if assignment.stop is not None:
            self.actor.stop.remote(assignment.number, assignment.stop.why)
