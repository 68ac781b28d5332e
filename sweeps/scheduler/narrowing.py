"""Searches in rounds, each of which draws from a region around the elites of all before it."""

from __future__ import annotations

from abc import ABC
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from sweeps.scheduler.climb import INFEASIBLE, Climb
from sweeps.scheduler.edges import HALF, grow, leans
from sweeps.scheduler.extension import Extension, Legal
from sweeps.scheduler.foresight import Foresight
from sweeps.scheduler.reasons import describe, whole_space
from sweeps.scheduler.rows import Rows
from sweeps.scheduler.scheduler import Region, Round
from sweeps.scheduler.settings import CoarseToFineSettings
from sweeps.space import Config, Point, Space
from sweeps.surrogate import one_thread
from sweeps.trial import Job, Mode

_LATER_ROUND = 8  # a later round has one in so many of the trials before it


class Model(Protocol):
    """What learns from the trials."""

    def add(self, point: Point) -> None:
        """The next trial's point."""

    def widen(self, space: Space, points: Sequence[Point]) -> None:
        """Begin again in another space, with the points that its trials have there."""


class Narrowing(Climb, ABC):
    """Keeps what was heard of the trials, the rounds and their regions; a subclass says which job comes next.

    extend: whether a config can be trained; if given, ranges whose ends the elites lean on grow as far as
        this says yes.
    """

    def __init__(
        self,
        space: Space,
        levels: tuple[int, ...],
        settings: CoarseToFineSettings,
        *,
        trials: int,
        epochs: int,
        mode: Mode,
        seed: int,
        extend: Legal | None,
    ) -> None:
        super().__init__(space, levels, trials=trials, epochs=epochs, mode=mode, seed=seed)
        self._settings = settings
        self._extension = Extension(space, extend) if extend else None
        self._foresight = Foresight(space, len(levels), settings.memory)
        self._models: list[Model] = [self._foresight]
        self._drawn_in: list[Space] = []  # by trial: the space as it was then
        self._arrivals = Rows(3)  # trial, level, loss
        self._any_feasible = False
        self._rounds: list[Round] = []
        self._round_ends = 0

    @property
    def rounds(self) -> Sequence[Round]:
        return self._rounds

    def _arrive(self, trial: int, level: int, ended: bool) -> None:
        self._arrivals.append((trial, level, self._losses[trial]))
        self._any_feasible |= self._losses[trial] < INFEASIBLE
        if self._extension is not None and self._all_tried and not self._running:
            self._outgrow()

    @property
    def _all_tried(self) -> bool:
        """Whether the space has no config left for the trials that were to begin."""
        return len(self._points) < self.trials and self._all_begun

    def _begin_at(self, point: Point, level: int = 0) -> Job:
        """The first job of a new trial; with some a round begins."""
        if len(self._points) == self._round_ends:
            point = self._begin_round(point)
        self._drawn_in.append(self.space)
        for model in self._models:
            model.add(point)
        return self._begin(point, len(self._rounds) - 1, level)

    def _config(self, trial: int) -> Config:
        return self._drawn_in[trial].config(self._points.values[trial])

    def _begin_round(self, point: Point) -> Point:
        """Record the region, which may widen the space; returns the point as the space then has it."""
        if not self._rounds:
            regions = whole_space(self.space, "the whole range: the first round")
        elif not self._any_feasible:
            regions = whole_space(self.space, "the whole range: no trial has given a result to narrow it")
        else:
            before = self.space
            regions = self._narrowed()
            if self.space is not before:
                point = self._moved(before.config(point))
        self._record_round(regions)
        return point

    def _outgrow(self) -> None:
        """Where all configs have been tried, there may be others beyond an end.

        One elite there is enough, since no two can have the same config.
        """
        before = self.space
        regions = self._narrowed(share=0.0) if self._any_feasible else ()
        if self.space is not before:
            self._record_round(regions)

    def _record_round(self, regions: tuple[Region, ...]) -> None:
        began = len(self._points)
        self._rounds.append(Round(len(self._rounds), regions))
        later = max(self._settings.round_size, began // _LATER_ROUND)
        self._round_ends = began + (later if began else self._settings.first_round)

    def _narrowed(self, share: float = HALF) -> tuple[Region, ...]:
        """The regions around the elites; where ranges may grow, those do that this share of them leans on."""
        with one_thread():
            return self._around_the_elites(share)

    def _around_the_elites(self, share: float) -> tuple[Region, ...]:
        self._foresight.hear(self._arrivals.values)
        box = self._foresight.box(self._settings)
        found = leans(self.space, box, self._foresight.edge_gain(box.elites), share)
        if self._extension is not None:
            wider, found = grow(self.space, found, self._extension, box)
            if wider is not self.space:
                self._widen(wider)
                box = self._foresight.box(self._settings)
        return describe(self.space, box, found)

    def _widen(self, wider: Space) -> None:
        """Go over to a wider space."""
        self.space = wider
        self._untried.widen(wider)
        points = [self._moved(self._config(trial)) for trial in range(len(self._points))]
        for model in self._models:
            model.widen(wider, points)
        self._foresight.hear(self._arrivals.values)

    def _moved(self, config: Config) -> Point:
        """A config's point in the space as it is now."""
        return np.nan_to_num(self.space.point(config), nan=0.5)
