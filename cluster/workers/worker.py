"""The worker as a Ray actor."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray

from cluster.workers.diary import Diary, write_here
from cluster.workers.shipping import Shared, open_shipped
from sweeps.execution import Trainable, Workload
from sweeps.execution.trainables.printed import hear_prints
from sweeps.execution.worker import Batch, Loaded, Order, Standing, Worker
from sweeps.interrupt import reset_in_children

CONCURRENCY_GROUPS = {"watch": 1}
_RAYS = (
    "RAY_",
    "CUDA_VISIBLE_DEVICES",
    "HIP_VISIBLE_DEVICES",
    "ROCR_VISIBLE_DEVICES",
    "OMP_NUM_THREADS",
    "PYTHONPATH",
)


@dataclass(frozen=True)
class Surroundings:
    """The folder and the variables of the process that a sweep runs in.

    A Ray that was started by that process has them; one that was there before gives its workers its own.
    """

    folder: str
    variables: Mapping[str, str]

    @classmethod
    def here(cls) -> Surroundings:
        """This process's, without what Ray gives each worker itself."""
        own = {name: value for name, value in os.environ.items() if not name.startswith(_RAYS)}
        return cls(str(Path.cwd()), own)

    def enter(self) -> None:
        """Let this process have them."""
        os.environ.update(self.variables)
        os.chdir(self.folder)


class RayWorker:
    """Trains jobs in the order they come; all else answers from a thread of its own meanwhile.

    `sweeps.execution.worker.Worker` says what its methods do.
    """

    _name = "worker"  # Ray asks for the repr of a worker that could not be built, too

    def __init__(self, name: str) -> None:
        self._name, self._worker = name, Worker(name)
        self._diary = Diary(self._worker.glance, write_here)
        hear_prints()
        reset_in_children({signal.SIGTERM: signal.SIG_DFL})  # Ray's own handler is for its worker alone

    def __repr__(self) -> str:
        return f"caviar-{self._name}"

    def load(
        self,
        shared: Shared,
        rest: Workload,
        threads: int,
        surroundings: Surroundings | None = None,
        diary: bool = True,
    ) -> Loaded:
        """Load what `ship` gave; workers of one node share the data's arrays without a copy.

        Args:
            shared: What `ship` gave.
            rest: What else all jobs share.
            threads: How many threads BLAS and torch may use.
            surroundings: Where the process is to find itself; None to leave it where it is.
            diary: Whether to say in this process's log what it trains.
        """

        def opened() -> tuple[Trainable, Any]:
            if surroundings is not None:
                surroundings.enter()
            return open_shipped(shared)

        node = ray.util.get_node_ip_address()  # type: ignore[no-untyped-call]
        if diary:
            self._diary.keep()
        return self._worker.load(node, opened, rest, threads)

    def train(self, orders: Sequence[Order]) -> Batch:
        self._diary.begin(orders)
        batch = self._worker.train(orders)
        self._diary.end(batch)
        return batch

    @ray.method(concurrency_group="watch")
    def withdraw(self, numbers: Sequence[int]) -> list[int]:
        return self._worker.withdraw(numbers)

    @ray.method(concurrency_group="watch")
    def stop(self, number: int, why: str | None) -> None:
        self._worker.stop(number, why)

    @ray.method(concurrency_group="watch")
    def progress(self, after: int) -> Standing:
        return self._worker.progress(after)
