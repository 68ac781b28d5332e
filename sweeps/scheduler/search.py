"""What Caviar's own schedulers have in common, and what those share that train every trial to its end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from sweeps.scheduler.reasons import whole_space
from sweeps.scheduler.scheduler import Round, check_limits
from sweeps.scheduler.untried import Untried
from sweeps.space import Config, Space
from sweeps.trial import Job, Mode, Report


class Search:
    """What a scheduler was made for, as attributes of the same names; a sweep is held against them.

    space: what to search. trials: how many configs to try. epochs: how long the best of them train.
    mode: whether a smaller ("min") or a larger ("max") objective is better.
    seed: of all draws, and of the training.
    Raises `BadInput` on limits that no sweep can have.
    """

    def __init__(self, space: Space, *, trials: int, epochs: int, mode: Mode = "min", seed: int = 0) -> None:
        check_limits(trials, epochs, mode)
        self.space, self.trials, self.epochs, self.mode, self.seed = space, trials, epochs, mode, seed


class FullTraining(Search, ABC):
    """Trials that are all trained for all their epochs; a subclass says which config comes next.

    A space without continuous ranges may have fewer configs than `trials`; each is then trained once.
    """

    origin: str  # of the configs, in the words that the rounds give as their reason

    def __init__(self, space: Space, *, trials: int, epochs: int, mode: Mode = "min", seed: int = 0) -> None:
        super().__init__(space, trials=trials, epochs=epochs, mode=mode, seed=seed)
        self._rounds = (Round(0, whole_space(space, f"the whole range: {self.origin}")),)
        self._asked = 0
        self._owed = 0
        self._untried = Untried(space)
        self._no_more = False  # configs, though there could be more trials

    @abstractmethod
    def _config(self, trial: int) -> Config:
        """The config of a trial; called once for each, in order."""

    def ask(self, capacity: int) -> list[Job]:
        jobs: list[Job] = []
        while len(jobs) < capacity and not self._all_asked:
            config = self._config(self._asked)
            self._untried.add(config)
            jobs.append(Job(self._asked, config, stop=self.epochs, seed=self.seed))
            self._asked += 1
            self._owed += 1
        return jobs

    def tell(self, report: Report) -> None:
        self._owed -= 1

    @property
    def finished(self) -> bool:
        return self._all_asked and not self._owed

    @property
    def _all_asked(self) -> bool:
        return self._no_more or not self._untried.fewer(self.trials - self._asked)

    @property
    def rounds(self) -> Sequence[Round]:
        return self._rounds
