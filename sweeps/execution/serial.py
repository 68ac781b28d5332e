"""Trains in this very process, one job or one pack after the other: what a user debugs with."""

from __future__ import annotations

import os
import pickle
import time
from collections import deque
from collections.abc import Hashable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from sweeps.execution.executor import Lost
from sweeps.execution.group import Alone, Group, Together, key_of
from sweeps.execution.job_run import Habits, JobRun, Workload
from sweeps.execution.pack import packs
from sweeps.execution.seeding import kept_globals
from sweeps.execution.trainable import prepare
from sweeps.trial import Checkpoint, Job, Report

_NAME = "serial"


class SerialExecutor:
    """An `Executor` without workers; breakpoints and prints in the trainable work.

    Jobs are trained one after the other; where the trainable has packs, as many at once as a pack has seats,
    and packs of several keys take turns. One BLAS thread until it is closed, as on a worker: sums are then
    rounded alike.
    """

    description = "serial, in this process"

    def __init__(self, workload: Workload) -> None:
        self._workload = replace(workload, data=_read_only(workload.data))
        self._groups: deque[Group] = deque()  # the first is the next to train
        self._packs: dict[Hashable, Together] = {}  # of those
        self._seats = 1  # of the largest pack so far
        self._habits = Habits()
        prepare(workload.train, workload.device)
        self._held = ExitStack()  # what is put back as it was
        self._held.enter_context(threadpool_limits(limits=1))
        self._held.enter_context(kept_globals())

    @property
    def free(self) -> int:
        return max(self._seats - len(self._runs), 0)

    @property
    def workers(self) -> int:
        return self._seats

    @property
    def _runs(self) -> list[JobRun]:
        return [run for group in self._groups for run in group.runs]

    def submit(self, job: Job, checkpoint: Checkpoint | None = None) -> None:
        if not self.free:
            raise RuntimeError(f"SerialExecutor trains {self._seats} at a time; poll until one is over")
        train, key = self._workload.train, key_of(self._workload, job, checkpoint)
        if key is None or not packs(train):
            self._groups.append(Alone(JobRun(self._workload, job, checkpoint, _NAME, self._habits)))
            return
        if key not in self._packs:
            self._packs[key] = together = Together(train, self._workload.metric)
            self._groups.append(together)
        self._packs[key].join(self._workload, job, checkpoint, _NAME, self._habits)

    def poll(self, timeout: float) -> list[Report]:
        if not self._groups:
            return []
        group = self._groups[0]
        with _folder_of(group):
            over = group.train(time.monotonic() + timeout)
        self._seats = max(self._seats, group.seats)
        if group.has_turns or not group.runs:
            self._groups.popleft()
        if group.runs and group.has_turns:
            self._groups.append(group)
        self._packs = {key: each for key, each in self._packs.items() if each.runs}
        return [run.report() for run in (*over, *group.runs)]

    def stop(self, trial: int, why: str | None = None) -> None:
        for run in self._runs:
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
        for run in self._runs:
            run.stop()
        self._groups.clear()
        self._packs.clear()
        self._held.close()


@contextmanager
def _folder_of(group: Group) -> Iterator[None]:
    """While inside, the current folder is the group's, which a trainable may change; then ours again."""
    ours = Path.cwd()
    os.chdir(group.folder or ours)
    try:
        yield
    finally:
        with suppress(OSError):  # it may have removed the folder
            group.folder = Path.cwd()
        os.chdir(ours)


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
