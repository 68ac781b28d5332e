"""Jobs in training in this process: which of them share a pack, and whose turn it is."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Hashable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sweeps.execution.job_run import Habits, JobRun, Workload
from sweeps.execution.packing.group import Alone, Group, Together, key_of
from sweeps.execution.trainables.pack import packs
from sweeps.trial import Checkpoint, Job


class Turns:
    """Jobs of one key share a pack. Packs take turns; a job without a key is trained to its end.

    Attributes:
        seats: How many jobs the largest pack so far had room for; 1 without packs.
    """

    def __init__(self, workload: Workload, worker: str, habits: Habits) -> None:
        self._workload, self._worker, self._habits = workload, worker, habits
        self._groups: deque[Group] = deque()  # the first is the next to train
        self._packs: dict[Hashable, Together] = {}  # of those
        self.seats = 1

    @property
    def runs(self) -> list[JobRun]:
        """All jobs that were not given back."""
        return [run for group in self._groups for run in group.runs]

    def submit(self, job: Job, checkpoint: Checkpoint | None) -> JobRun:
        """Train a job when its turn comes."""
        train, key = self._workload.train, key_of(self._workload, job, checkpoint)
        if key is None or not packs(train):
            run = JobRun(self._workload, job, checkpoint, self._worker, self._habits)
            self._groups.append(Alone(run))
            return run
        if key not in self._packs:
            self._packs[key] = together = Together(train, self._workload.metric)
            self._groups.append(together)
        return self._packs[key].join(self._workload, job, checkpoint, self._worker, self._habits)

    def train(self, deadline: float) -> tuple[list[JobRun], list[JobRun]]:
        """Train the next group, as `Group.train` does: those that are over and leave, and its others."""
        group = self._groups[0]
        with _folder_of(group):
            over = group.train(deadline)
        self.seats = max(self.seats, group.seats)
        if group.has_turns or not group.runs:
            self._groups.popleft()
        if group.has_turns and group.runs:
            self._groups.append(group)
        self._packs = {key: each for key, each in self._packs.items() if each.runs}
        return over, group.runs

    def clear(self) -> None:
        """Stop all and forget them."""
        for run in self.runs:
            run.stop()
        self._groups.clear()
        self._packs.clear()


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
