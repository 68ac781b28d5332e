"""Says which workers wait for a place in the cluster, and for what."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import ray

from cluster.pool.slot import WorkerSlot
from cluster.session.room import needs
from sweeps.spec import Resources, amount_text

_PATIENCE_SECONDS = 3.0


class Waiting:
    """Looks, each time it is asked, who has no process yet.

    Args:
        each: What each worker needs.
        is_alone: Says whether these workers are known to be alone on the cluster. It has room for all of them
            then, so one that has no process yet is still starting.
    """

    def __init__(self, each: Resources, is_alone: Callable[[], bool]) -> None:
        self._is_alone = is_alone
        self._says_so = False  # whether it was said that some wait
        self._each = each
        self._waiting = 0

    def news(self, slots: Sequence[WorkerSlot]) -> list[str]:
        """What has changed since the last time: who waits and why, and who no longer does."""
        long_ago = time.monotonic() - _PATIENCE_SECONDS
        waiting = sum(
            slot.loading is not None and slot.started < long_ago and has_no_process(slot) for slot in slots
        )
        before, self._waiting = self._waiting, waiting
        if waiting == before:
            return []
        if not waiting:
            said, self._says_so = self._says_so, False
            return [f"no worker waits any more; {len(slots)} are here or starting"] if said else []
        which = f"{waiting} of {len(slots)} workers"
        if self._is_alone():
            return [f"{which} {'are' if waiting > 1 else 'is'} still starting"]
        self._says_so = True
        return [f"{which} {'wait' if waiting > 1 else 'waits'} for {self._reason(slots)}"]

    def _reason(self, slots: Sequence[WorkerSlot]) -> str:
        """What they wait for, and who has it."""
        resources: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
        ours = len(slots) - self._waiting
        has = " and ".join(amount_text(name, resources.get(name, 0)) for name in needs(self._each))
        return f"{self._each.in_words}: the cluster has {has}; {_held_by(ours)}"


def _held_by(ours: int) -> str:
    if not ours:
        return "all taken by others"
    has = "has its own" if ours == 1 else "have their own"
    return f"{ours} of these workers {has}, others hold the rest"


def has_no_process(slot: WorkerSlot) -> bool:
    """Whether Ray has found no place for the slot's worker yet."""
    return slot.actor.waits_for_place
