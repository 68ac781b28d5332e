"""How many epochs a sweep pays for."""

from __future__ import annotations

from collections.abc import Sequence

from sweeps.scheduler.rungs import rung_cost
from sweeps.trial import Job


class Budget:
    """As many epochs as if a share `climb` of the trials at each rung climbed to the next.

    levels: the rungs' epoch counts, lowest first. total: of the whole sweep. paid: so far.
    """

    def __init__(self, levels: Sequence[int], trials: int, climb: float) -> None:
        self.total, self.paid = trials * rung_cost(levels, climb), 0
        self._first = levels[0]

    def pay(self, job: Job) -> None:
        self.paid += job.stop - job.start

    def left(self, to_begin: int) -> bool:
        """Whether there are epochs beside those that the trials to come begin with."""
        return self.paid + to_begin * self._first < self.total
