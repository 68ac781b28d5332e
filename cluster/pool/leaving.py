"""Ends the workers of a sweep that is over, so that they can clear up after themselves."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from cluster.pool.slot import WorkerSlot
from cluster.workers.actor import Actor
from cluster.workers.answers import Ref, ready

_LEAVE_SECONDS = 2.0
_LOOK_SECONDS = 0.02


def leave(slots: Sequence[WorkerSlot], leaving: Mapping[Ref, Actor], are_here: bool) -> None:
    """End all workers: those in training at once, those that idle by themselves, if they do so soon.

    `ray.kill` runs no `atexit`, by which libraries remove their files, such as joblib's in shared memory.

    Args:
        slots: Those of the workers.
        leaving: Workers that have been asked to leave already, by their answers.
        are_here: Whether the workers run on this machine, whose Ray ends with them.
    """
    idle = [slot for slot in slots if slot.loading is None and not slot.held]
    for slot in slots:
        if slot.heir is not None:
            slot.heir.actor.kill()
        if slot not in idle:
            slot.clear()
    deadline = time.monotonic() + _LEAVE_SECONDS
    asked = {**leaving, **{slot.actor.leave(): slot.actor for slot in idle}}
    while asked and time.monotonic() < deadline:
        for ref in ready(asked, deadline - time.monotonic()):
            del asked[ref]
    for actor in asked.values():
        actor.kill()
    while are_here and time.monotonic() < deadline and any(map(_is_there, idle)):
        time.sleep(_LOOK_SECONDS)


def _is_there(slot: WorkerSlot) -> bool:
    return Path(f"/proc/{slot.pid}").exists()
