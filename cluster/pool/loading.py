"""Finds workers that hang while they load the trainable or its data: an import that never comes to an end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from cluster.pool.slot import WorkerSlot
from cluster.pool.waiting import has_no_process
from cluster.workers.answers import Ref

LOAD_SECONDS = 600.0  # so long a worker may take to load, unless an epoch may take longer still


class Loading:
    """Looks, each time it is asked, who has loaded for too long.

    The time in which a worker waits for a place in the cluster does not count.

    Args:
        seconds: How long a worker may load.
        waits: Whether a slot's worker has no process yet.
        clock: Tells the time in seconds.
    """

    def __init__(
        self,
        seconds: float,
        waits: Callable[[WorkerSlot], bool] = has_no_process,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.seconds, self._waits, self._clock = seconds, waits, clock
        self._since: dict[
            Ref, float
        ] = {}  # by what is waited for: when it was seen to load for the first time

    def overdue(self, slots: Sequence[WorkerSlot]) -> Iterator[WorkerSlot]:
        """The slots whose worker is to be ended."""
        now, loading = self._clock(), [slot for slot in slots if slot.loading is not None]
        self._since = {
            slot.loading: self._since.get(slot.loading, now)
            for slot in loading
            if slot.loading in self._since or not self._waits(slot)
        }
        for slot in loading:
            if now - self._since.get(slot.loading, now) >= self.seconds:
                yield slot
