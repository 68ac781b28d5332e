"""A worker's slot in the pool: stays when the actor in it dies and another takes its place."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import ray

from cluster.shipping import Ref
from sweeps.trial import Checkpoint, Job

Actor: TypeAlias = Any
JOBS_A_WORKER = 2  # one in training and one waiting, so that no worker idles while the loop decides


@dataclass
class Assignment:
    """A job with what it needs, and how often it has taken a worker down with it.

    Attributes:
        job: What to train.
        checkpoint: What to go on from.
        deaths: How many workers have died while training it.
        suspect: Whether it was held by a worker that died. It is then trained alone: of two jobs, the report
            of the first may be lost with the worker that the second kills, and the first be blamed.
    """

    job: Job
    checkpoint: Checkpoint | None
    deaths: int = 0
    suspect: bool = False

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
    """

    name: str
    start_worker: Callable[[str, int], tuple[Actor, Ref]]
    held: dict[Ref, Assignment] = field(default_factory=dict)
    starts: int = 0
    failed_starts: int = 0

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Put a fresh worker into the slot."""
        self.starts += 1
        self.actor, loading = self.start_worker(self.name, self.starts)
        self.loading: Ref | None = loading
        self.started = time.monotonic()
        self.watch: Ref | None = None
        self.held = {}

    @property
    def free(self) -> int:
        """How many jobs it can take; none before its worker is up, and none beside a suspect."""
        if self.loading is not None or any(assignment.suspect for assignment in self.held.values()):
            return 0
        return JOBS_A_WORKER - len(self.held)

    def takes(self, assignment: Assignment) -> bool:
        """Whether it can take this job now."""
        return self.free == JOBS_A_WORKER if assignment.suspect else self.free > 0

    def refs(self) -> list[Ref]:
        """Every reference whose answer is still to come."""
        return [*self.held, *(ref for ref in (self.loading, self.watch) if ref is not None)]

    def submit(self, assignment: Assignment) -> None:
        ref = self.actor.train.options(name=assignment.label).remote(assignment.job, assignment.checkpoint)
        self.held[ref] = assignment

    def ask_progress(self) -> None:
        """Ask how the job in training stands, unless that has been asked already."""
        if self.held and self.watch is None:
            self.watch = self.actor.progress.remote()

    def clear(self) -> list[Assignment]:
        """End the worker, dead or not; returns the jobs it held, the one in training first."""
        held = list(self.held.values())
        ray.kill(self.actor)
        self.held = {}
        return held
