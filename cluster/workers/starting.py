"""Starts workers: Ray actors that load the trainable and its data."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

import ray

from cluster.session import Session
from cluster.workers.actor import Actor, RayActor
from cluster.workers.answers import Ref
from cluster.workers.gpus import gpu_share
from cluster.workers.shipping import not_here, ship
from cluster.workers.worker import CONCURRENCY_GROUPS, RayWorker, Surroundings
from sweeps.execution import Workload


class Starter:
    """Sends what all workers share, once, and starts them one by one.

    Args:
        workload: What they train, and on what.
        session: The cluster.
        workers: How many share its GPUs.

    Attributes:
        resources: What each has, its share of the GPUs included.

    Raises:
        BadInput: If the trainable or its data cannot be sent to a worker, or a GPU is asked for and the
            cluster has none.
    """

    def __init__(self, workload: Workload, session: Session, workers: int) -> None:
        resources = workload.resources
        gpus = gpu_share(workload.device, session.gpus, workers, resources.gpus)
        self.resources = replace(resources, gpus=gpus or None)
        self._shared = ship(workload.train, workload.data, everywhere=not session.is_here)
        self._surroundings = Surroundings.here() if session.is_here and not session.is_own else None
        self._rest = replace(workload, train=not_here, data=None)
        self._pool = secrets.token_hex(2)  # two sweeps may share one Ray, where an actor's name is taken once

    def __call__(self, name: str, number: int) -> tuple[Actor, Ref]:
        """The `number`-th worker of a slot of this name, and a reference to what comes once it has loaded."""
        # No restarts and retries by Ray: the pool replaces workers itself and knows which jobs to repeat.
        remote: Any = ray.remote
        has = self.resources
        actor_class = remote(
            name=f"caviar-{name}-{self._pool}-{number}",
            num_cpus=has.cpus,
            num_gpus=has.gpus or 0,
            memory=has.memory,
            resources=dict(has.custom),
            max_restarts=0,
            max_task_retries=0,
            concurrency_groups=CONCURRENCY_GROUPS,
            scheduling_strategy="SPREAD",
        )(RayWorker)
        handle = actor_class.remote(name)
        loading = handle.load.remote(
            list(self._shared),
            self._rest,
            threads=has.threads,
            surroundings=self._surroundings,
            diary=not _forwards_logs(),
        )
        return RayActor(handle), loading


def _forwards_logs() -> bool:
    """Whether what workers write comes to this process's screen, where a line a second would be too many.

    Caviar never asks Ray for that; a notebook that has called `ray.init` before has, unless it said no.
    """
    forwards = getattr(ray._private.worker.global_worker, "logger_thread", None)
    return forwards is not None and forwards.is_alive()
