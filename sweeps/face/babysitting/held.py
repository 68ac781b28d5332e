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
        self._to_begin: dict[tuple[int, int], set[int]] = {}
        for trial, parent in parents.items():
            if parent is not None and jobs.get(trial):
                self._to_begin.setdefault(parent, set()).add(trial)
        self._checkpoints: dict[int, dict[int, Checkpoint]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._checkpoints.values()))

    def goes_on(self, trial: int) -> bool:
        """Whether the trial has another job to come."""
        return self._left[trial] > 0

    def before(self, job: Job) -> Checkpoint | None:
        """What a job begins from: its trial's own, or its parent's; None where that was not saved."""
        own = self._checkpoints.get(job.trial, {}).get(job.start)
        if own is not None or job.parent is None:
            return own
        trial, epoch = job.parent
        return self._checkpoints.get(trial, {}).get(epoch)

    def take(self, job: Job, given: Iterable[Checkpoint]) -> None:
        """The job has ended, and gave these checkpoints, fewest epochs first."""
        self._left[job.trial] -= 1
        self._checkpoints.setdefault(job.trial, {}).update((each.epoch, each) for each in given)
        self._tidy(job.trial)
        if job.parent is not None:
            self._to_begin.get(job.parent, set()).discard(job.trial)
            self._tidy(job.parent[0])

    def _tidy(self, trial: int) -> None:
        """Let go of what nothing begins from any more."""
        held = self._checkpoints.get(trial, {})
        last = max(held, default=0) if self.goes_on(trial) else None
        kept = {epoch: held[epoch] for epoch in held if epoch == last or self._to_begin.get((trial, epoch))}
        self._checkpoints[trial] = kept
        if not kept:
            del self._checkpoints[trial]
