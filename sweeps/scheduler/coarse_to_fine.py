"""Coarse to fine in space and in epochs.

In space: the first round fills the whole space with Sobol points; each later round samples around the
elites, the best trials so far, in each hyperparameter's own scale, and a share of it stays global.
In epochs: every trial begins with the lowest rung's epochs, and the best climb (`rungs.py`).
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sweeps.sampling import SobolSampler
from sweeps.scheduler.climb import INFEASIBLE, Climb
from sweeps.scheduler.extension import Legal
from sweeps.scheduler.region import Box, box_around, describe, whole_space
from sweeps.scheduler.rungs import Ladder, rung_epochs
from sweeps.scheduler.scheduler import Region, Round, check_limits
from sweeps.space import Point, Space
from sweeps.trial import Mode


@dataclass(frozen=True)
class CoarseToFineSettings:
    """The constants of the search; the defaults do well on real trainings of small networks.

    first_round, round_size: trials a round; 0 lets them grow with the sweep (16 and 8, or more).
    elites: how many trials a region is drawn around.
    spread: how far a region reaches beyond the elites, in their own standard deviations.
    floor: the least it reaches, in parts of the whole range.
    global_share: the part of later rounds that is drawn from the whole space.
    switch: how often an unordered choice is drawn anew instead of taken from an elite.
    factor, rungs, window: every rung passes on 1/factor of its last `window` arrivals.
    """

    first_round: int = 0
    round_size: int = 0
    elites: int = 6
    spread: float = 1.0
    floor: float = 0.02
    global_share: float = 0.15
    switch: float = 0.2
    factor: int = 4
    rungs: int = 3
    window: int = 32


class CoarseToFine(Climb):
    """The default scheduler. See `Scheduler` for how to drive it by hand.

    space: what to search. trials: how many to draw. epochs: how long the best may train.
    mode: whether a smaller ("min") or a larger ("max") objective is better.
    """

    def __init__(
        self,
        space: Space,
        *,
        trials: int,
        epochs: int,
        mode: Mode = "min",
        seed: int = 0,
        settings: CoarseToFineSettings | None = None,
        extend: Legal | None = None,
    ) -> None:
        check_limits(trials, epochs, mode)
        self._settings = settings or CoarseToFineSettings()
        self._extend = extend
        levels = rung_epochs(epochs, self._settings.factor, self._settings.rungs)
        ladder = Ladder(levels, self._settings.factor, self._settings.window)
        super().__init__(space, ladder, trials=trials, epochs=epochs, mode=mode, seed=seed)
        self._sampler = SobolSampler(len(space.searched), seed)
        self._rounds: list[Round] = []
        self._round_ends = 0
        self._box: Box | None = None

    @property
    def rounds(self) -> Sequence[Round]:
        return self._rounds

    def _draw(self, trial: int) -> tuple[Point, int]:
        if trial == self._round_ends:
            self._begin_round()
        return self._point(np.random.default_rng([self.seed, trial])), len(self._rounds) - 1

    def _point(self, rng: np.random.Generator) -> Point:
        if self._box is None or rng.random() < self._settings.global_share:
            return self._sampler.draw()
        return self._box.draw(rng)

    def _begin_round(self) -> None:
        first = not self._rounds
        self._box = None if first else self._box_around_elites()
        self._rounds.append(Round(len(self._rounds), self._regions(first)))
        self._round_ends += self._first_round if first else self._round_size

    def _regions(self, first: bool) -> tuple[Region, ...]:
        if self._box is not None:
            return describe(self.space, self._box)
        why = "the first round" if first else "too few trials have given a result to narrow it"
        return whole_space(self.space, f"the whole range: {why}")

    def _box_around_elites(self) -> Box | None:
        best = heapq.nsmallest(self._settings.elites, range(len(self._losses)), key=self._losses.__getitem__)
        feasible = [trial for trial in best if self._losses[trial] < INFEASIBLE]
        if len(feasible) < max(2, self._settings.elites // 2):
            return None
        elites = np.array([self._active_point(trial) for trial in feasible])
        settings = self._settings
        return box_around(self.space, elites, settings.spread, settings.floor, settings.switch)

    def _active_point(self, trial: int) -> Point:
        """The trial's point, NaN where its config leaves a hyperparameter out."""
        point = self._points[trial]
        config = self.space.config(point)
        return np.where([name in config for name in self.space.searched], point, np.nan)

    @property
    def _first_round(self) -> int:
        return self._settings.first_round or max(16, self.trials // 16)

    @property
    def _round_size(self) -> int:
        return self._settings.round_size or max(8, self.trials // 32)
