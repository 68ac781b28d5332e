"""Plain random search: independent draws, each trained for all its epochs."""

from __future__ import annotations

from collections.abc import Sequence

from sweeps.sampling import RandomSampler
from sweeps.scheduler.region import whole_space
from sweeps.scheduler.scheduler import Round, check_limits
from sweeps.space import Space
from sweeps.trial import Job, Mode, Report


class RandomSearch:
    """The baseline. Every trial is a uniform draw from the space, in each hyperparameter's scale.

    space: what to search. trials: how many to draw. epochs: how long each trains.
    mode: unused, since nothing is compared; taken so that all schedulers are built alike.
    """

    def __init__(self, space: Space, *, trials: int, epochs: int, mode: Mode = "min", seed: int = 0) -> None:
        check_limits(trials, epochs, mode)
        self._space, self._trials, self._epochs, self._seed = space, trials, epochs, seed
        self._sampler = RandomSampler(len(space.searched), seed)
        self._rounds = (Round(0, whole_space(space, "the whole range: random search")),)
        self._asked = 0
        self._owed = 0

    def ask(self, capacity: int) -> list[Job]:
        count = min(capacity, self._trials - self._asked)
        jobs = [
            Job(trial, self._space.config(self._sampler.draw()), stop=self._epochs, seed=self._seed)
            for trial in range(self._asked, self._asked + count)
        ]
        self._asked += count
        self._owed += count
        return jobs

    def tell(self, report: Report) -> None:
        self._owed -= 1

    @property
    def finished(self) -> bool:
        return self._asked == self._trials and not self._owed

    @property
    def rounds(self) -> Sequence[Round]:
        return self._rounds
