"""How many epochs a sweep pays for, and how often its model is asked and refitted."""

from __future__ import annotations

from collections.abc import Sequence

from sweeps.schedulers.coarse_to_fine.settings import CoarseToFineSettings
from sweeps.schedulers.rungs import rung_cost
from sweeps.trial import Job


class Budget:
    """As many epochs as if a share of the trials at each rung were promoted to the next.

    levels: the rungs' epoch counts, lowest first. promotion_share: which share.
    total: of the whole sweep. paid: so far. observed: paid by trials that were not asked for here.
    """

    def __init__(self, levels: Sequence[int], trials: int, promotion_share: float) -> None:
        self._trials, self._cost = trials, rung_cost(levels, promotion_share)
        self.total, self.paid, self.observed = trials * self._cost, 0, 0
        self._first, self._epochs = levels[0], levels[-1]

    def observe(self, paid: int, trials: int) -> None:
        """So many trials have been trained elsewhere, for so many epochs.

        Where that is more than would have been paid for them here, as it is after full trainings, those to
        come have their share all the same.
        """
        self.paid = self.observed = paid
        to_come = max(self._trials - trials, 0)
        if paid > self.total - to_come * self._first + self._epochs:  # the last job paid may pass the total
            self.total = paid + to_come * self._cost

    def pay(self, job: Job) -> None:
        self.paid += job.stop - job.start

    def left(self, to_begin: int) -> bool:
        """Whether there are epochs beside those that the trials to come begin with."""
        return self.paid + to_begin * self._first < self.total


def batch_size(results: int, settings: CoarseToFineSettings, *, all_begun: bool) -> int:
    """How many jobs to decide on at a time, so that deciding stays cheap in long sweeps."""
    part = settings.batch_part if results < settings.many else settings.batch_part_of_many
    part = settings.last_batch_part if all_begun else part
    return min(max(results // part, 1), settings.batch_most)


def refit_interval(results: int, settings: CoarseToFineSettings) -> int:
    """How many more results to wait for until the model's constants are learned again."""
    part = settings.refit_part if results < settings.many else settings.refit_part_of_many
    return max(settings.refit_least, results // part)
