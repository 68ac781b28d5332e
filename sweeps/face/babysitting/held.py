"""The checkpoints that a replay holds: those that a job to come begins from, and no others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from sweeps.trial import Checkpoint, Job


class Held:
    """Checkpoints by trial and epoch.

    Args:
        jobs: How many of its jobs each trial has to end yet.
        parents: The trial and the epoch of the checkpoint that a trial begins from, where it does.
    """

    def __init__(self, jobs: Mapping[int, int], parents: Mapping[int, tuple[int, int] | None]) -> None:
        self._left = Counter(jobs)
        self._to_begin: dict[int, dict[int, set[int]]] = {}  # by trial and epoch
        for trial, parent in parents.items():
            if parent is not None and jobs.get(trial):
                self._to_begin.setdefault(parent[0], {}).setdefault(parent[1], set()).add(trial)
        self._checkpoints: dict[int, dict[int, Checkpoint]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._checkpoints.values()))

    def goes_on(self, trial: int) -> bool:
        """Whether the trial has another job to come."""
        return self._left[trial] > 0

    def before(self, job: Job) -> Checkpoint | None:
        """What a job begins from: the last that its trial, or else its parent, had saved by then, if any."""
        own = self._last(job.trial, job.start)
        return self._last(*job.parent) if own is None and job.parent is not None else own

    def take(self, job: Job, given: Iterable[Checkpoint]) -> None:
        """The job has ended, and gave these checkpoints, fewest epochs first."""
        self._left[job.trial] -= 1
        self._checkpoints.setdefault(job.trial, {}).update((each.epoch, each) for each in given)
        self._tidy(job.trial)
        if job.parent is not None:
            trial, epoch = job.parent
            self._to_begin.get(trial, {}).get(epoch, set()).discard(job.trial)
            self._tidy(trial)

    def _tidy(self, trial: int) -> None:
        """Let go of what nothing begins from any more."""
        ends = [epoch for epoch, waiting in self._to_begin.get(trial, {}).items() if waiting]
        if self.goes_on(trial):
            ends.append(max(self._checkpoints.get(trial, ()), default=0))
        found = [self._last(trial, end) for end in ends]
        kept = {each.epoch: each for each in found if each is not None}
        self._checkpoints.pop(trial, None)
        if kept:
            self._checkpoints[trial] = kept

    def _last(self, trial: int, most: int) -> Checkpoint | None:
        """The trial's last with at most so many epochs behind it."""
        held = self._checkpoints.get(trial, {})
        epoch = max((each for each in held if each <= most), default=None)
        return None if epoch is None else held[epoch]
