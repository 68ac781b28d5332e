"""A worker's seat in the pool: stays when the actor on it dies and another takes its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import ray

from sweeps.trial import Checkpoint, Job

Ref: TypeAlias = Any  # ray.ObjectRef, whose generic form Ray does not export for type checkers
Actor: TypeAlias = Any
JOBS_A_SEAT = 2  # one in training and one waiting, so that no worker idles while the loop decides


@dataclass
class Order:
    """A job with what it needs, and how often it has taken a worker down with it.

    suspect: whether it was held by a worker that died. It is then trained alone: of two jobs, the report of
    the first may be lost with the worker that the second kills, and the first be blamed.
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
class Seat:
    """One actor at a time, and the jobs it holds in the order it will train them.

    sit_down: starts the seat's n-th actor, given the seat's name and n.
    """

    name: str
    sit_down: Callable[[str, int], Actor]
    orders: dict[Ref, Order] = field(default_factory=dict)
    starts: int = 0
    failed_starts: int = 0

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Put a fresh actor on the seat."""
        self.starts += 1
        self.actor = self.sit_down(self.name, self.starts)
        self.ready: Ref | None = self.actor.ready.remote()
        self.watch: Ref | None = None
        self.orders = {}

    @property
    def free(self) -> int:
        """How many jobs it can take; none before its actor is up, and none beside a suspect."""
        if self.ready is not None or any(order.suspect for order in self.orders.values()):
            return 0
        return JOBS_A_SEAT - len(self.orders)

    def takes(self, order: Order) -> bool:
        """Whether it can take this job now."""
        return self.free == JOBS_A_SEAT if order.suspect else self.free > 0

    def refs(self) -> list[Ref]:
        """Everything it owes an answer to."""
        return [*self.orders, *(ref for ref in (self.ready, self.watch) if ref is not None)]

    def submit(self, order: Order) -> None:
        ref = self.actor.train.options(name=order.label).remote(order.job, order.checkpoint)
        self.orders[ref] = order

    def ask_progress(self) -> None:
        """Ask how the job in training stands, unless that has been asked already."""
        if self.orders and self.watch is None:
            self.watch = self.actor.progress.remote()

    def vacate(self) -> list[Order]:
        """Remove a dead or hung actor; returns the jobs it held, the one in training first."""
        held = list(self.orders.values())
        ray.kill(self.actor)
        self.orders = {}
        return held
