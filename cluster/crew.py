"""The workers of a pool: how many there are, who joins, who cannot be started."""

from __future__ import annotations

import sys

from cluster.leaving import leave
from cluster.loading import LOAD_SECONDS, Loading
from cluster.room import machines, needs, room
from cluster.session import Session
from cluster.slot import WorkerSlot
from cluster.starting import Starter
from cluster.waiting import Waiting
from sweeps.errors import WorkersLost
from sweeps.execution import Workload
from sweeps.spec import DEFAULTS, duration_text

_TRIES = 3  # so often in a row may a slot fail to get a worker


class Crew:
    """Keeps the slots, and says what becomes of them. It knows nothing of jobs.

    Args:
        workload: What to train, and on what.
        session: The Ray cluster to train on.
        workers: How many actors to start; None for as many as there is room for, and more as nodes join.
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
        session: Session,
        workers: int | None,
        most: int | None = None,
        load_seconds: float = LOAD_SECONDS,
    ) -> None:
        self._session = session
        has_share = (
            workload.device != "cpu" and workload.resources.gpus is None
        )  # of the GPUs, by who shares them
        self._grows = workers is None and not session.is_own and not has_share
        self._needs = needs(workload.resources)
        self._most = most or sys.maxsize
        workers = workers or min(self._room, self._most)
        self._starter = Starter(workload, session, workers)
        self._waiting = Waiting(self._starter.resources, session.is_alone)
        self._loading = Loading(load_seconds)
        self.notices = [session.notice] if session.notice else []
        self.slots: list[WorkerSlot] = []
        self._wanted = 0
        self._add(workers)

    @property
    def description(self) -> str:
        """How many there are, and where."""
        workers = f"{len(self.slots)} worker{'s' if len(self.slots) != 1 else ''}"
        has = self._starter.resources
        each = (
            f" with {has.in_words}{' each' if len(self.slots) != 1 else ''}"
            if has != DEFAULTS.resources
            else ""
        )
        return f"{workers}{each} on Ray{self._session.place}"

    def watch(self) -> None:
        """Look who hangs, who has joined and who waits. Raises `WorkersLost` where nobody is left."""
        for slot in list(self._loading.overdue(self.slots)):
            reason = f"it has loaded the trainable and its data for {duration_text(self._loading.seconds)}"
            self.start_again(slot, reason, f"{reason}: taken to hang")
        self._grow()
        self.notices += self._waiting.news(self.slots)

    def start_again(self, slot: WorkerSlot, reason: str, error: str) -> None:
        """A worker could not be started: try again, and in the end go on without it.

        Raises:
            WorkersLost: Nobody is left.
        """
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

    def close(self) -> None:
        """End all workers."""
        slots, self.slots = self.slots, []
        leave(slots, self._session.is_own)

    @property
    def _room(self) -> int:
        """How many workers there is a place for, as the cluster is now."""
        return room(self._needs, machines())

    def _add(self, more: int) -> None:
        numbers = range(self._wanted, self._wanted + more)
        self.slots += [WorkerSlot(f"worker-{number:02d}", self._starter) for number in numbers]
        self._wanted += more

    def _grow(self) -> None:
        """Start workers on nodes that have joined the cluster."""
        more = min(self._room, self._most) - self._wanted if self._grows else 0
        if more > 0:
            self._add(more)
            workers = f"{more} more worker{'s start' if more > 1 else ' starts'}"
            self.notices.append(f"the cluster has grown: {workers}, {len(self.slots)} in all")
