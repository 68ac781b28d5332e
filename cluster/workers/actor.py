"""A worker as its pool talks to it, on Ray; `sweeps.execution.process` has the one without Ray."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import ray

from cluster.workers.answers import Ref
from sweeps.execution.worker import Order


class Actor(Protocol):
    """What a pool needs of a worker, wherever it runs."""

    @property
    def waits_for_place(self) -> bool:
        """Whether it has no process yet, since its cluster has no room for one."""

    def train(self, orders: Sequence[Order], label: str) -> Ref:
        """Train jobs one after the other; the label is what the Ray dashboard calls that."""

    def withdraw(self, numbers: Sequence[int]) -> Ref:
        """As `Worker.withdraw`."""

    def progress(self, after: int) -> Ref:
        """As `Worker.progress`."""

    def stop(self, number: int, why: str | None) -> None:
        """As `Worker.stop`."""

    def leave(self) -> Ref:
        """End its process once it idles, after what its libraries do at exit."""

    def kill(self) -> None:
        """End its process at once."""


class RayActor:
    """An `Actor` on Ray.

    Args:
        handle: Of an actor whose class is `RayWorker`.
    """

    def __init__(self, handle: Any) -> None:
        self._handle = handle

    @property
    def waits_for_place(self) -> bool:
        found = ray._private.state.actors(self._handle._actor_id.hex())
        return found.get("State") == "PENDING_CREATION" and not found.get("Pid")

    def train(self, orders: Sequence[Order], label: str) -> Ref:
        return self._handle.train.options(name=label).remote(list(orders))

    def withdraw(self, numbers: Sequence[int]) -> Ref:
        return self._handle.withdraw.remote(list(numbers))

    def progress(self, after: int) -> Ref:
        return self._handle.progress.remote(after)

    def stop(self, number: int, why: str | None) -> None:
        self._handle.stop.remote(number, why)

    def leave(self) -> Ref:
        return self._handle.__ray_terminate__.remote()

    def kill(self) -> None:
        ray.kill(self._handle)
