"""Long shots: new trials that are trained straight to the end, whatever their early epochs look like.

Promotions are decided by early epochs, so a config that is only average there and best at the end is never
seen at its best, and the model never learns that there are such. Long shots are found by a model of results
at the end alone, to which early epochs are nothing.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from sweeps.knowledge import Knowledge
from sweeps.schedulers.coarse_to_fine.acquisition import Acquisition
from sweeps.schedulers.coarse_to_fine.budget import Budget, batch_size
from sweeps.schedulers.coarse_to_fine.earlier_results import EarlierResults
from sweeps.schedulers.coarse_to_fine.settings import CoarseToFineSettings
from sweeps.schedulers.coarse_to_fine.surrogate_model import SurrogateModel
from sweeps.space import Point, Space


class LongShots:
    """Says when one is due, and where.

    levels: the rungs' epoch counts, lowest first. budget: what the sweep pays. earlier: what earlier sweeps
    have found.
    """

    def __init__(
        self,
        space: Space,
        levels: Sequence[int],
        budget: Budget,
        settings: CoarseToFineSettings,
        earlier: Sequence[Knowledge] = (),
    ) -> None:
        self._level, self._epochs = len(levels) - 1, levels[-1]
        self._budget, self._settings = budget, settings
        self._thorough = replace(settings, candidates=settings.long_shot_candidates)
        self._share = settings.long_shots if self._level else 0.0  # with one rung every trial is one
        self._taken = 0
        known = EarlierResults(earlier, levels[-1:], settings.earlier_memory) if earlier else None
        self._model = SurrogateModel(space, 1, settings, earlier=known)  # the only rung is the last
        self._points: deque[Point] = deque()

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
        """The epochs before any is due. Which observed trials were some is not known: enough of them."""
        return max(self._settings.long_shots_after * self._budget.total, self._budget.observed)

    def add_trial(self, point: Point) -> None:
        """The sweep's next trial, a long shot or not."""
        self._model.add_trial(point)

    def rule_out(self, trial: int) -> None:
        """The trial has ended without a result."""
        self._model.rule_out(trial)

    def add_result(self, trial: int, level: int, loss: float) -> None:
        """A trial's loss at a rung, of which those at the last count."""
        if level == self._level:
            self._model.add_result(trial, 0, loss)

    def reset(self, space: Space, points: Sequence[Point]) -> None:
        """Begin again in another space, with the points that its trials have there."""
        self._model.reset(space, points)
        self._points.clear()

    def take(self, running: Mapping[int, int], rng: np.random.Generator) -> Point:
        """Where the next one begins; some result at the last level must be finite.

        running: the trials in training, and the level each is on its way to.
        """
        self._taken += 1
        if not self._points:
            self._model.update()
            self._model.set_pending([trial for trial, level in running.items() if level == self._level])
            self._points.extend(self._next(rng))
        return self._points.popleft()

    def _next(self, rng: np.random.Generator) -> list[Point]:
        results = self._model.results
        settings = self._thorough if results < self._settings.memory else self._settings
        count = batch_size(results, settings, all_begun=False)
        chosen = Acquisition(self._model, settings, self._epochs).best(count, {}, count, rng)
        return [np.asarray(point) for point in chosen]
