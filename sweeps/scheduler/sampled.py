"""Searches that learn nothing: every trial is the next point of a sampler, trained for all its epochs."""

from __future__ import annotations

from typing import ClassVar

from sweeps.sampling import RandomSampler, Sampler, SobolSampler
from sweeps.scheduler.search import FullTraining
from sweeps.space import Config, Space
from sweeps.trial import Mode


class RandomSearch(FullTraining):
    """The baseline. Every trial is a uniform draw from the space, in each hyperparameter's scale.

    space: what to search. trials: how many to draw. epochs: how long each trains.
    mode: unused, since nothing is compared; taken so that all schedulers are built alike.
    """

    origin = "random search"
    sampler: ClassVar[type[RandomSampler] | type[SobolSampler]] = RandomSampler

    def __init__(self, space: Space, *, trials: int, epochs: int, mode: Mode = "min", seed: int = 0) -> None:
        super().__init__(space, trials=trials, epochs=epochs, mode=mode, seed=seed)
        self._sampler: Sampler = self.sampler(len(space.searched), seed)

    def _config(self, trial: int) -> Config:
        return self.space.config(self._untried.draw(self._sampler))


class SobolSearch(RandomSearch):
    """Random search that leaves no gaps: scrambled Sobol points, which fill the space evenly."""

    origin = "Sobol points"
    sampler = SobolSampler
