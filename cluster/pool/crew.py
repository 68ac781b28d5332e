"""The workers of a pool: how many there are, who joins, who cannot be started."""

from __future__ import annotations

import sys

from cluster.pool.arriving import Arriving
from cluster.pool.leaving import leave
from cluster.pool.loading import LOAD_SECONDS, Loading
from cluster.pool.slot import StartWorker, WorkerSlot
from cluster.pool.waiting import Waiting
from cluster.session import Session
from cluster.session.room import machines, needs, room
from cluster.workers.actor import Actor
from cluster.workers.answers import Ref
from cluster.workers.starting import Starter
from sweeps.errors import WorkersLost, last_line
from sweeps.execution import Workload
from sweeps.spec import DEFAULTS, duration_text

_TRIES = 3  # so often in a row may a slot fail to get a worker


class Crew:
    """Keeps the slots, and says what becomes of them. It knows nothing of jobs.

    Args:
        workload: What to train, and on what.
        ray: The Ray cluster to train on, or one that is on its way: then workers in processes of this
            machine train until it is up, and one after the other is taken over when its job has ended.
        workers: How many to start; None for as many as there is room for, and more as nodes join.
        most: How many can have something to train at once.
        load_seconds: How long a worker may take to load the trainable and its data.

    Attributes:
        slots: Of the workers that are up, or on their way.
        notices: News of them that the user has not heard yet.

    Raises:
        BadInput: As `Starter` says.
    """

    def __init__(
        self,
        workload: Workload,
        ray: Session | Arriving,
        workers: int | None,
        most: int | None = None,
        load_seconds: float = LOAD_SECONDS,
    ) -> None:
        self._workload, self._most = workload, most or sys.maxsize
        self._loading = Loading(load_seconds)
        self.notices: list[str] = []
        self.slots: list[WorkerSlot] = []
        self._former: dict[Ref, Actor] = {}  # who has been taken over, and leaves
        self._wanted = 0
        self._needs, self._chosen = needs(workload.resources), workers
        self._arriving: Arriving | None = None
        self._session: Session | None = None
        if isinstance(ray, Arriving):
            self._start_worker: StartWorker = ray
            self._resources = workload.resources
            self._arriving = ray
            there = room(self._needs, [{"CPU": ray.cpus}])
        else:
            there = self._room
            self._settle(ray, workers or min(there, self._most))
        self._add(workers or min(there, self._most))

    def _settle(self, session: Session, workers: int) -> None:
        """Start workers on a cluster from here on, where so many share its GPUs."""
        starter = Starter(self._workload, session, workers)
        has_share = self._workload.device != "cpu" and self._workload.resources.gpus is None
        self._grows = self._chosen is None and not session.is_own and not has_share
        self._waiting = Waiting(starter.resources, session.is_alone)
        self._session, self._start_worker, self._resources = session, starter, starter.resources
        self.notices += [session.notice] if session.notice else []

    @property
    def description(self) -> str:
        """How many there are, and where."""
        workers = f"{len(self.slots)} worker{'s' if len(self.slots) != 1 else ''}"
        if self._resources != DEFAULTS.resources:
            workers += f" with {self._resources.in_words}" + (" each" if len(self.slots) != 1 else "")
        if self._session is None:
            until = "" if self._arriving is None or self._arriving.never else " until Ray is up"
            return f"{workers} in processes of this machine{until}"
        return f"{workers} on Ray{self._session.place}"

    def look_for_ray(self) -> None:
        """Have workers on Ray take over, once it is up. Raises `WorkersLost` as `watch` does."""
        if self._arriving is None:
            return
        if self._arriving.is_due or self._only_ray_can_tell:
            self._arriving.start()
        try:
            session = self._arriving.session()
        except RuntimeError as error:
            self._go_on_without_ray(str(error))
            return
        if session is not None:
            self._arriving = None
            self._settle(session, len(self.slots))
            self.notices.append(f"Ray is up{session.place}")
            for slot in self.slots:
                slot.succeed(self._start_worker)

    @property
    def _only_ray_can_tell(self) -> bool:
        """Whether a worker could not load what it is to train, and no other is about to."""
        return any(slot.stands_by for slot in self.slots) and all(
            slot.stands_by or slot.loading is None for slot in self.slots
        )

    def _go_on_without_ray(self, reason: str) -> None:
        self._arriving = None
        self.slots = [slot for slot in self.slots if not slot.stands_by]
        if not self.slots:
            raise WorkersLost(reason)
        self.notices.append(f"{last_line(reason)}; the sweep goes on in processes of this machine without it")

    def watch(self) -> None:
        """Look who hangs, who has joined and who waits. Raises `WorkersLost` where nobody is left."""
        for slot in list(self._loading.overdue(self.slots)):
            reason = f"it has loaded the trainable and its data for {duration_text(self._loading.seconds)}"
            self.start_again(slot, reason, f"{reason}: taken to hang")
        if self._session is not None:
            self._grow()
            self.notices += self._waiting.news(self.slots)

    def take_over(self, slot: WorkerSlot) -> None:
        """The worker in the slot has nothing left to train, and its heir is up."""
        self._former[slot.actor.leave()] = slot.actor
        slot.start()

    def start_again(self, slot: WorkerSlot, reason: str, error: str) -> None:
        """A worker could not be started: try again, and in the end go on without it.

        Raises:
            WorkersLost: Nobody is left.
        """
        if self._arriving is not None:  # what is the matter, the worker on Ray will say
            slot.stand_by()
            return
        slot.failed_starts += 1
        slot.clear()
        if slot.failed_starts < _TRIES:
            if slot.failed_starts == 1:
                self.notices.append(f"{slot.name} cannot be started and is tried again; {reason}")
            slot.start()
            return
        self.slots.remove(slot)
        if not self.slots:
            raise WorkersLost(
                f"no worker could be started; {slot.name} failed {_TRIES} times in a row:\n{error}"
            )
        left = f"{len(self.slots)} of {self._wanted} workers are left"
        self.notices.append(f"{slot.name} cannot be started, {left}; {reason}")

    def start_heir_again(self, slot: WorkerSlot, reason: str) -> None:
        """The worker that was to take a slot over could not be started: try again, or leave it as it is."""
        slot.failed_starts += 1
        if slot.heir is not None:
            slot.heir.actor.kill()
            slot.heir = None
        if slot.failed_starts < _TRIES:
            slot.succeed(self._start_worker)
        else:
            self.notices.append(f"{slot.name} cannot be started on Ray and goes on without it; {reason}")

    def close(self) -> None:
        """End all workers."""
        slots, self.slots = self.slots, []
        former, self._former = self._former, {}
        leave(slots, former, self._session is None or self._session.is_own)

    @property
    def _room(self) -> int:
        """How many workers there is a place for, as the cluster is now."""
        return room(self._needs, machines())

    def _add(self, more: int) -> None:
        numbers = range(self._wanted, self._wanted + more)
        self.slots += [WorkerSlot(f"worker-{number:02d}", self._start_worker) for number in numbers]
        self._wanted += more

    def _grow(self) -> None:
        """Start workers on nodes that have joined the cluster."""
        more = min(self._room, self._most) - self._wanted if self._grows else 0
        if more > 0:
            self._add(more)
            workers = f"{more} more worker{'s start' if more > 1 else ' starts'}"
            self.notices.append(f"the cluster has grown: {workers}, {len(self.slots)} in all")
