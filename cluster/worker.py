"""The worker: a Ray actor that lives as long as the sweep and trains one job after the other."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import ray
from threadpoolctl import threadpool_limits

from sweeps.execution import Habits, JobRun, Workload
from sweeps.trial import Checkpoint, Job, Outcome, Report

CONCURRENCY_GROUPS = {"watch": 1}


class Worker:
    """Trains jobs in the order they come; `progress` answers from a thread of its own meanwhile.

    shared: references to the trainable and its data in the object store; workers of one node share the
        data's arrays without a copy. workload: all else that jobs share.
        threads: how many threads BLAS may use. search: the driver's path.
    """

    _name = "worker"  # Ray asks for the repr of a worker that could not be built, too

    def __init__(
        self,
        name: str,
        shared: Sequence[Any],
        *,
        workload: Workload,
        threads: int,
        search: Sequence[str],
    ) -> None:
        self._name = name
        sys.path[:0] = [folder for folder in search if folder not in sys.path]
        train, data = ray.get(list(shared))  # only now: what the trainable imports is found by that path
        self._limits = threadpool_limits(limits=threads)
        self._workload = replace(workload, train=train, data=data)
        self._habits = Habits()
        self._run: JobRun | None = None

    def __repr__(self) -> str:
        return f"caviar-{self._name}"

    def ready(self) -> bool:
        """Answers once the worker is up."""
        return True

    def train(self, job: Job, checkpoint: Checkpoint | None) -> Report:
        """Train the job to its end. What goes wrong in it comes back as data."""
        self._run = run = JobRun(self._workload, job, checkpoint, self._name, self._habits)
        while run.advance():
            pass
        self._run = None
        return run.report()

    @ray.method(concurrency_group="watch")
    def progress(self) -> Report | None:
        """How the job in training stands, None between two jobs.

        A job that ends between the two lines here is told of once, by `train`.
        """
        run = self._run
        report = run.report() if run is not None else None
        return report if report is not None and report.outcome is Outcome.RUNNING else None
