"""Trains in this very process, one job or one pack after the other: what a user debugs with."""

from __future__ import annotations

import pickle
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Any

from sweeps.execution.executor import Lost
from sweeps.execution.job_run import Habits, Workload
from sweeps.execution.packing.turns import Turns
from sweeps.execution.threads import limited_threads
from sweeps.execution.trainables.printed import heard_prints
from sweeps.execution.trainables.seeding import kept_globals
from sweeps.execution.trainables.trainable import prepare
from sweeps.trial import Checkpoint, Job, Report


class SerialExecutor:
    """An `Executor` without workers; breakpoints and prints in the trainable work.

    Jobs are trained one after the other; where the trainable has packs, as many at once as a pack has seats,
    and packs of several keys take turns. As many BLAS threads as a worker has, until it is closed: sums are
    then rounded alike.

    Args:
        workload: What all jobs share.
        echo: Whether what a trial prints reaches the screen, as it does where there is no sweep.
    """

    description = "serial, in this process"

    def __init__(self, workload: Workload, echo: bool = True) -> None:
        self._echo = echo
        self._workload = replace(workload, data=_read_only(workload.data))
        self._turns = Turns(self._workload, "serial", Habits())
        prepare(workload.train, workload.device)
        self._held = ExitStack()  # what is put back as it was
        self._held.enter_context(limited_threads(workload.resources.threads))
        self._held.enter_context(kept_globals())

    @property
    def free(self) -> int:
        return max(self._turns.seats - len(self._turns.runs), 0)

    @property
    def workers(self) -> int:
        return self._turns.seats

    def submit(self, job: Job, checkpoint: Checkpoint | None = None) -> None:
        if not self.free:
            raise RuntimeError(f"SerialExecutor trains {self.workers} at a time; poll until one is over")
        self._turns.submit(job, checkpoint)

    def poll(self, timeout: float) -> list[Report]:
        if not self._turns.runs:
            time.sleep(timeout)  # it is for somebody else to go on
            return []
        with heard_prints(self._echo):
            over, others = self._turns.train(time.monotonic() + timeout)
        return [run.report() for run in (*over, *others)]

    def stop(self, trial: int, why: str | None = None) -> None:
        with heard_prints(self._echo):  # of the trainable's `finally`
            for run in self._turns.runs:
                if run.trial == trial:
                    run.stop(why)

    def kill(self, trial: int, why: str) -> None:
        self.stop(trial, why)

    def silent(self) -> Mapping[int, float]:
        return {}

    def retried(self) -> list[Lost]:
        return []

    def notices(self) -> list[str]:
        return []

    def close(self) -> None:
        self._turns.clear()
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
