"""Searches that train every trial to its end: the base of all that do, random draws and Sobol points."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence
from dataclasses import replace

from sweeps.observation import Observation, with_known
from sweeps.schedulers.protocol import check_limits, whole_space
from sweeps.schedulers.sampling import RandomSampler, SobolSampler
from sweeps.schedulers.untried import Untried
from sweeps.space import Config, Space
from sweeps.trial import Job, Mode, Outcome, Report, Round


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
        self._asked = self._running = self._measured = 0
        self._waiting: deque[Job] = deque()  # of observed trials that are not at their end
        self._unfinished: dict[int, Job] = {}  # the same of those in training, which may report before it
        self._no_more = False  # configs, though there could be more trials

    @abstractmethod
    def _config(self, trial: int) -> Config:
        """The config of a trial; called once for each, in order."""

    def ask(self, capacity: int) -> list[Job]:
        jobs: list[Job] = []
        while len(jobs) < capacity and (self._waiting or not self._all_asked):
            jobs.append(self._waiting.popleft() if self._waiting else self._begin())
        self._running += len(jobs)
        return jobs

    def tell(self, report: Report) -> None:
        self._take(report)

    def observe(self, observations: Sequence[Observation], rounds: int = 0) -> None:
        """Those inside the space that may go on are trained to the end before new ones begin."""
        self._measured = sum(seen.measured for seen in observations)
        for seen in observations:
            config = self._untried.observe(seen.config)
            self._running += seen.running
            if config is not None:
                self._resume(seen, config)
        self._asked = len(observations)
        origin = with_known(f"the whole range: {self.origin}", self._asked)
        self._rounds = (Round(rounds, whole_space(self.space, origin)),)

    @property
    def finished(self) -> bool:
        return self._all_asked and not self._waiting and not self._running

    @property
    def rounds(self) -> Sequence[Round]:
        return self._rounds

    @property
    def _all_asked(self) -> bool:
        return self._no_more or not self._untried.fewer(self.trials + self._measured - self._asked)

    def _begin(self) -> Job:
        """The only job of a new trial."""
        config = self._config(self._asked)
        self._untried.add(config)
        job = Job(self._asked, config, stop=self.epochs, round=self._rounds[0].index, seed=self.seed)
        self._asked += 1
        return job

    def _take(self, report: Report) -> bool:
        """Take in a report; returns whether the trial is at its end."""
        self._running -= 1
        job = self._unfinished.pop(report.trial, None)
        if job is None or report.outcome is not Outcome.DONE or report.epochs >= self.epochs:
            return True
        self._waiting.append(replace(job, start=report.epochs))
        return False

    def _resume(self, seen: Observation, config: Config) -> bool:
        """Take in an observed trial inside the space; returns whether it is at its end."""
        seed = self.seed if seen.seed is None else seen.seed
        job = Job(seen.trial, config, self.epochs, start=seen.epochs, round=seen.round, seed=seed)
        if seen.running:
            self._unfinished[seen.trial] = job
        elif seen.waits and seen.epochs < self.epochs:
            self._waiting.append(job)
        else:
            return True
        return False


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

    Examples:
        >>> space = Space({"learning_rate": {"log": [1e-4, 1e-1]}})
        >>> [job.stop for job in RandomSearch(space, trials=8, epochs=27).ask(2)]
        [27, 27]
    """

    origin = "random search"
    blind = True  # its jobs depend on no report, so any number of them may be asked for ahead

    def __init__(self, space: Space, *, trials: int, epochs: int, mode: Mode = "min", seed: int = 0) -> None:
        super().__init__(space, trials=trials, epochs=epochs, mode=mode, seed=seed)
        self._sampler = RandomSampler(len(space.searched), seed)

    def _config(self, trial: int) -> Config:
        return self.space.config(self._untried.draw(self._sampler, trial))


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

    Examples:
        >>> space = Space({"learning_rate": {"log": [1e-4, 1e-1]}})
        >>> len(SobolSearch(space, trials=8, epochs=27).ask(20))
        8
    """

    origin = "Sobol points"
    blind = True

    def __init__(self, space: Space, *, trials: int, epochs: int, mode: Mode = "min", seed: int = 0) -> None:
        super().__init__(space, trials=trials, epochs=epochs, mode=mode, seed=seed)
        self._sampler = SobolSampler(len(space.searched), seed)

    def _config(self, trial: int) -> Config:
        return self.space.config(self._untried.draw(self._sampler, trial))
