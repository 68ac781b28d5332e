"""Trains in this very process, one job after the other: what a user debugs with."""

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from sweeps.execution.executor import Lost
from sweeps.execution.job_run import Habits, JobRun, Workload
from sweeps.execution.seeding import kept_globals
from sweeps.execution.threads import limited_threads
from sweeps.execution.trainable import prepare
from sweeps.trial import Checkpoint, Job, Report


class SerialExecutor:
    """An `Executor` without workers; breakpoints and prints in the trainable work.

    As many BLAS threads as a worker has, until it is closed: sums are then rounded alike.
    """

    description = "serial, in this process"
    workers = 1

    def __init__(self, workload: Workload) -> None:
        self._workload = replace(workload, data=_read_only(workload.data))
        self._run: JobRun | None = None
        self._habits = Habits()
        prepare(workload.train, workload.device)
        self._held = ExitStack()  # what is put back as it was
        self._held.enter_context(limited_threads(workload.resources.threads))
        self._held.enter_context(kept_globals())
        self._folder: Path | None = None  # the job's current folder, None before its first epoch

    @property
    def free(self) -> int:
        return 0 if self._run else 1

    def submit(self, job: Job, checkpoint: Checkpoint | None = None) -> None:
        if self._run is not None:
            raise RuntimeError("SerialExecutor trains one job at a time; poll until it is over")
        self._run = JobRun(self._workload, job, checkpoint, "serial", self._habits)
        self._folder = None

    def poll(self, timeout: float) -> list[Report]:
        if self._run is None:
            return []
        deadline = time.monotonic() + timeout
        run, goes_on = self._run, True
        with self._folder_of_job():
            while goes_on and time.monotonic() < deadline:
                goes_on = run.advance()
        if not goes_on:
            self._run = None
        return [run.report()]

    @contextmanager
    def _folder_of_job(self) -> Iterator[None]:
        """While inside, the current folder is the job's, which a trainable may change; then ours again."""
        ours = Path.cwd()
        os.chdir(self._folder or ours)
        try:
            yield
        finally:
            with suppress(OSError):  # it may have removed the folder
                self._folder = Path.cwd()
            os.chdir(ours)

    def stop(self, trial: int, why: str | None = None) -> None:
        if self._run is not None and self._run.trial == trial:
            self._run.stop(why)

    def kill(self, trial: int, why: str) -> None:
        self.stop(trial, why)

    def silent(self) -> Mapping[int, float]:
        return {}

    def retried(self) -> list[Lost]:
        return []

    def notices(self) -> list[str]:
        return []

    def close(self) -> None:
        if self._run is not None:
            self._run.stop()
            self._run = None
        self._held.close()


def _read_only(data: Any) -> Any:
    """The data as a Ray worker sees them: arrays that cannot be written to, here without a copy."""
    sent = pickled(data)
    if sent is None:
        return data  # what cannot be sent to a worker can still be debugged with
    try:
        text, buffers = sent
        return pickle.loads(text, buffers=[buffer.toreadonly() for buffer in buffers])  # noqa: S301
    except (pickle.PicklingError, AttributeError, TypeError):
        return data


def pickled(data: Any) -> tuple[bytes, list[memoryview]] | None:
    """Data as a worker is sent them, their arrays apart and not copied; None where they cannot be sent."""
    buffers: list[pickle.PickleBuffer] = []
    try:
        text = pickle.dumps(data, protocol=5, buffer_callback=buffers.append)
        return text, [buffer.raw() for buffer in buffers]
    except (pickle.PicklingError, AttributeError, TypeError):
        return None
