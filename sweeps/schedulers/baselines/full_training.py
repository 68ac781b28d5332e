"""Searches that train every trial to its end: the base of all that do, random draws and Sobol points."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from sweeps.schedulers.protocol import Round, check_limits, whole_space
from sweeps.schedulers.sampling import RandomSampler, SobolSampler
from sweeps.schedulers.untried import Untried
from sweeps.space import Config, Space
from sweeps.trial import Job, Mode, Report


class FullTraining(ABC):
    """Trials that are all trained for all their epochs; a subclass says which config comes next.

    A space without continuous ranges may have fewer configs than `trials`; each is then trained once.

    Args:
        space: What to search.
        trials: How many configs to train.
        epochs: How long each trains.
        mode: Whether a smaller or a larger objective is better.
        seed: Of all draws, and of the training.

    Raises:
        BadInput: On limits that no sweep can have.
    """

    origin: str  # of the configs, in the words that the rounds give as their reason

    def __init__(self, space: Space, *, trials: int, epochs: int, mode: Mode = "min", seed: int = 0) -> None:
        check_limits(trials, epochs, mode)
        self.space, self.trials, self.epochs, self.mode, self.seed = space, trials, epochs, mode, seed
        self._rounds = (Round(0, whole_space(space, f"the whole range: {self.origin}")),)
        self._untried = Untried(space)
        self._asked = self._running = 0
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
            self._running += 1
        return jobs

    def tell(self, report: Report) -> None:
        self._running -= 1

    @property
    def finished(self) -> bool:
        return self._all_asked and not self._running

    @property
    def rounds(self) -> Sequence[Round]:
        return self._rounds

    @property
    def _all_asked(self) -> bool:
        return self._no_more or not self._untried.fewer(self.trials - self._asked)


class RandomSearch(FullTraining):
    """The baseline: every trial is a uniform draw from the space, in each hyperparameter's scale.

    Nothing is compared, so `mode` is unused; it is taken so that all schedulers are built alike.

    Args:
        space: What to search.
        trials: How many configs to draw; none is drawn twice from a space without continuous ranges.
        epochs: How long each trains.
        mode: Unused.
        seed: Of the draws, and of the training.

    Raises:
        BadInput: On limits that no sweep can have.

    Example:
        >>> space = Space({"learning_rate": {"log": [1e-4, 1e-1]}})
        >>> [job.stop for job in RandomSearch(space, trials=8, epochs=27).ask(2)]
        [27, 27]
    """

    origin = "random search"

    def __init__(self, space: Space, *, trials: int, epochs: int, mode: Mode = "min", seed: int = 0) -> None:
        super().__init__(space, trials=trials, epochs=epochs, mode=mode, seed=seed)
        self._sampler = RandomSampler(len(space.searched), seed)

    def _config(self, trial: int) -> Config:
        return self.space.config(self._untried.draw(self._sampler))


class SobolSearch(FullTraining):
    """Random search that leaves no gaps: scrambled Sobol points, which fill the space evenly.

    Args:
        space: What to search.
        trials: How many configs to draw; none is drawn twice from a space without continuous ranges.
        epochs: How long each trains.
        mode: Unused, as in `RandomSearch`.
        seed: Of the scrambling, and of the training.

    Raises:
        BadInput: On limits that no sweep can have.

    Example:
        >>> space = Space({"learning_rate": {"log": [1e-4, 1e-1]}})
        >>> len(SobolSearch(space, trials=8, epochs=27).ask(20))
        8
    """

    origin = "Sobol points"

    def __init__(self, space: Space, *, trials: int, epochs: int, mode: Mode = "min", seed: int = 0) -> None:
        super().__init__(space, trials=trials, epochs=epochs, mode=mode, seed=seed)
        self._sampler = SobolSampler(len(space.searched), seed)

    def _config(self, trial: int) -> Config:
        return self.space.config(self._untried.draw(self._sampler))
