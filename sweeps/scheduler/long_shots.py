"""Long shots: new trials that are trained straight to the end, whatever their early epochs look like.

Who goes on is decided by early epochs, so a config that is only average there and best at the end is never
seen at its best, and the model never learns that there are such. Long shots are found by a model of results
at the end alone, to which early epochs are nothing.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sweeps.scheduler.budget import Budget
from sweeps.scheduler.choice import Choices
from sweeps.scheduler.foresight import Foresight
from sweeps.scheduler.pace import plan_length
from sweeps.scheduler.settings import CoarseToFineSettings
from sweeps.space import Point, Space

Array = NDArray[np.float64]


class LongShots:
    """Says when one is due, and where.

    levels: the rungs' epoch counts, lowest first. budget: what the sweep pays.
    """

    def __init__(
        self, space: Space, levels: Sequence[int], budget: Budget, settings: CoarseToFineSettings
    ) -> None:
        self._level, self._epochs = len(levels) - 1, levels[-1]
        self._budget, self._settings = budget, settings
        self._thorough = replace(settings, candidates=settings.long_shot_candidates)
        self._share = settings.long_shots if self._level else 0.0  # with one rung every trial is one
        self._taken = 0
        self._ends = Foresight(space, 1, settings.memory)
        self._plan: deque[Point] = deque()

    def due(self) -> bool:
        """Whether they have had less than their share of the epochs paid, but for the first."""
        return self._taken * self._epochs < self._share * (self._budget.paid - self._before)

    @property
    def to_come(self) -> int:
        """How many more there will be if the sweep pays all it may."""
        share = self._share * (self._budget.total - self._before)
        return max(math.ceil(share / self._epochs) - self._taken, 0)

    @property
    def _before(self) -> float:
        """The epochs before any is due."""
        return self._settings.long_shots_after * self._budget.total

    def add(self, point: Point) -> None:
        """The sweep's next trial, a long shot or not."""
        self._ends.add(point)

    def widen(self, space: Space, points: Sequence[Point]) -> None:
        """Begin again in another space, with the points that its trials have there."""
        self._ends.widen(space, points)
        self._plan.clear()

    def take(self, arrivals: Array, running: Mapping[int, int], rng: np.random.Generator) -> Point:
        """Where the next one begins.

        arrivals: trial, level and loss of each result so far, shape (n, 3); one at the last level must be
        finite. running: the trials in training, and the level each is on its way to.
        """
        self._taken += 1
        if not self._plan:
            ends = arrivals[arrivals[:, 1] == self._level]
            self._ends.hear(ends * (1, 0, 1))  # the model's only rung
            self._ends.expect([trial for trial, level in running.items() if level == self._level])
            settings = self._thorough if len(ends) < self._settings.memory else self._settings
            self._plan.extend(self._next(plan_length(len(ends), all_begun=False), settings, rng))
        return self._plan.popleft()

    def _next(self, count: int, settings: CoarseToFineSettings, rng: np.random.Generator) -> list[Point]:
        choices = Choices(self._ends, self._ends.box(settings), settings, self._epochs)
        chosen = choices.best(count, {}, count, rng)
        return [np.asarray(point) for point in chosen]
