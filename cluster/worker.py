"""The worker: a Ray actor that lives as long as the sweep and trains one job after the other."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import ray
from threadpoolctl import threadpool_limits

from sweeps.execution import JobRun, Workload
from sweeps.execution.trainable import Trainable
from sweeps.trial import Job, Mode, Report, State

CONCURRENCY_GROUPS = {"watch": 1}


class Worker:
    """Trains jobs in the order they come; `progress` answers from a thread of its own meanwhile.

    data: arrives from the object store, so that workers of one node share its arrays without a copy.
    threads: how many threads BLAS may use.
    """

    def __init__(
        self,
        name: str,
        train: Trainable,
        data: Any,
        *,
        metric: str,
        mode: Mode,
        threads: int,
        search: Sequence[str],
    ) -> None:
        self._name = name
        sys.path[:0] = [folder for folder in search if folder not in sys.path]
        self._limits = threadpool_limits(limits=threads)
        self._workload = Workload(train, metric, mode, data)
        self._run: JobRun | None = None

    def __repr__(self) -> str:
        return f"caviar-{self._name}"

    def ready(self) -> bool:
        """Answers once the worker is up."""
        return True

    def train(self, job: Job, checkpoint: State | None) -> Report:
        """Train the job to its end. What goes wrong in it comes back as data."""
        self._run = run = JobRun(self._workload, job, checkpoint, self._name)
        while run.advance():
            pass
        self._run = None
        return run.report()

    @ray.method(concurrency_group="watch")
    def progress(self) -> Report | None:
        """How the job in training stands, None between two jobs."""
        run = self._run
        return run.report() if run is not None else None
