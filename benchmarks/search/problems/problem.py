"""What a scheduler is driven over: a space, and the learning curve of every config in it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sweeps.space import Config, Numeric, Space

Curve = NDArray[np.float64]


class Problem(ABC):
    """One task. Objectives are smaller when better.

    name: unique among all problems. space: in Caviar's terms. epochs: of one full training.
    legal: which configs can be trained, inside the space and beyond, where a sweep may leave it.
    anchor: what random search's winner is worth after five full trainings, by the median, where it is kept.
    """

    name: str
    space: Space
    epochs: int
    legal: Callable[[Config], bool] | None = None
    anchor: float | None = None

    def load(self) -> None:  # noqa: B027  most have nothing more to read
        """Read what is needed. Raises `BadInput` where it is not there."""

    @abstractmethod
    def curve(self, config: Config, seed: int, epochs: int) -> Curve:
        """The objective after each of the first epochs, shape (epochs,); NaN or inf from where it diverged.

        seed: which of the recorded repetitions a sweep with this seed sees, where there are several.
        """

    def truth(self, config: Config, seed: int, epoch: int) -> float:
        """What a config whose best value so far was seen at `epoch` (from 1) is worth, without noise.

        What was seen itself, unless the source has repetitions to average over.
        """
        return float(self.curve(config, seed, epoch)[-1])

    def test(self, config: Config, seed: int, epoch: int) -> float | None:
        """The objective on data that no sweep sees, after `epoch` epochs; None where there are none."""
        return None

    def score(self, value: float) -> float:
        """The scale in which regret is a difference; the objective's own unless said otherwise."""
        return value

    @property
    @abstractmethod
    def best(self) -> float:
        """The best known value of `truth`."""

    @property
    @abstractmethod
    def nothing(self) -> float:
        """What it is worth to have seen no finite value yet."""


def key(config: Config) -> tuple[object, ...]:
    """A config as a key of a cache."""
    return tuple(config.items())


def nearest(distribution: Numeric, grid: NDArray[np.float64]) -> Callable[[float], int]:
    """A map from any value to the index of the grid's nearest, in the distribution's own scale."""
    forward = distribution.scale.forward
    scaled = np.array([forward(value) for value in grid.tolist()])
    return lambda value: int(np.argmin(np.abs(scaled - forward(value))))
