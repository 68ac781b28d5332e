"""Bases of adapters: another library's decisions behind Caviar's `ask` and `tell`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sweeps.space import Config
from sweeps.trial import Job, Outcome, Report, Round


@dataclass(eq=False)
class PeerTrial:
    """A trial as the simulator knows it. own: the library's own object for it."""

    number: int
    config: Config
    own: Any = None
    reached: int = 0
    loss: float = float("inf")  # the best so far


class Peer(ABC):
    """A library that never ends by itself: the budget ends it."""

    rounds: Sequence[Round] = ()
    finished = False

    def __init__(self, epochs: int) -> None:
        self.epochs = epochs
        self.trials: list[PeerTrial] = []

    def ask(self, capacity: int) -> list[Job]:
        jobs: list[Job] = []
        while len(jobs) < capacity and (trial := self.choose()) is not None:
            jobs.append(Job(trial.number, trial.config, start=trial.reached, stop=self.stop(trial)))
        return jobs

    def tell(self, report: Report) -> None:
        trial = self.trials[report.trial]
        trial.reached = report.epochs
        if report.objective is not None:
            trial.loss = report.objective
        self.take(trial, diverged=report.outcome is not Outcome.DONE)

    def add(self, config: Config, own: Any = None) -> PeerTrial:
        """A new trial."""
        self.trials.append(PeerTrial(len(self.trials), config, own))
        return self.trials[-1]

    def stop(self, trial: PeerTrial) -> int:
        """The epoch a trial's next job ends at."""
        return self.epochs

    @abstractmethod
    def choose(self) -> PeerTrial | None:
        """Whose job begins now; None where the library waits for running ones."""

    @abstractmethod
    def take(self, trial: PeerTrial, diverged: bool) -> None:
        """Tell the library how a trial stands after its job."""


class Stepwise(Peer):
    """A library that is told of every epoch, and says each time whether the trial goes on."""

    def __init__(self, epochs: int) -> None:
        super().__init__(epochs)
        self._going_on: deque[PeerTrial] = deque()

    def choose(self) -> PeerTrial | None:
        return self._going_on.popleft() if self._going_on else self.begin()

    def stop(self, trial: PeerTrial) -> int:
        return trial.reached + 1

    def take(self, trial: PeerTrial, diverged: bool) -> None:
        if self.goes_on(trial, diverged):
            self._going_on.append(trial)

    @abstractmethod
    def begin(self) -> PeerTrial:
        """A new trial."""

    @abstractmethod
    def goes_on(self, trial: PeerTrial, diverged: bool) -> bool:
        """Whether it trains another epoch; never after its last or when it diverged."""
