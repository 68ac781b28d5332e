"""The worker as a Ray actor."""

from __future__ import annotations

import signal
from collections.abc import Sequence

import ray

from cluster.shipping import Shared, open_shipped
from sweeps.execution import Workload
from sweeps.execution.worker import Batch, Loaded, Order, Standing, Worker
from sweeps.interrupt import reset_in_children

CONCURRENCY_GROUPS = {"watch": 1}


class RayWorker:
    """Trains jobs in the order they come; all else answers from a thread of its own meanwhile.

    `sweeps.execution.worker.Worker` says what its methods do.
    """

    _name = "worker"  # Ray asks for the repr of a worker that could not be built, too

    def __init__(self, name: str) -> None:
        self._name, self._worker = name, Worker(name)
        reset_in_children({signal.SIGTERM: signal.SIG_DFL})  # Ray's own handler is for its worker alone

    def __repr__(self) -> str:
        return f"caviar-{self._name}"

    def load(self, shared: Shared, rest: Workload, threads: int) -> Loaded:
        """Load what `ship` gave; workers of one node share the data's arrays without a copy."""
        node = ray.util.get_node_ip_address()  # type: ignore[no-untyped-call]
        return self._worker.load(node, lambda: open_shipped(shared), rest, threads)

    def train(self, orders: Sequence[Order]) -> Batch:
        return self._worker.train(orders)

    @ray.method(concurrency_group="watch")
    def withdraw(self, numbers: Sequence[int]) -> list[int]:
        return self._worker.withdraw(numbers)

    @ray.method(concurrency_group="watch")
    def stop(self, number: int, why: str | None) -> None:
        self._worker.stop(number, why)

    @ray.method(concurrency_group="watch")
    def progress(self, after: int) -> Standing:
        return self._worker.progress(after)
