"""The rounds of a search, each of which draws from a region around the elites of all before it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sweeps.schedulers.coarse_to_fine.explanation import describe
from sweeps.schedulers.coarse_to_fine.range_growth import Extension, Legal, grow, leans
from sweeps.schedulers.coarse_to_fine.settings import CoarseToFineSettings
from sweeps.schedulers.coarse_to_fine.surrogate_model import SurrogateModel
from sweeps.schedulers.protocol import Region, Round, whole_space
from sweeps.schedulers.record import TrialRecord
from sweeps.space import Config, Point, Space
from sweeps.surrogate import one_thread


class Rounds:
    """Begins rounds: finds their regions, with a reason for each, and lets ranges grow.

    Args:
        space: What is searched at first.
        record: Of the trials.
        model: Of their results. It goes over to the wider space where a range grows.
        settings: How long rounds are, and when ranges grow.
        extend: Whether a config can be trained; if given, ranges whose ends the elites lean on grow as far as
            this says yes.
    """

    def __init__(
        self,
        space: Space,
        record: TrialRecord,
        model: SurrogateModel,
        settings: CoarseToFineSettings,
        extend: Legal | None,
    ) -> None:
        self._record, self._model, self._settings = record, model, settings
        self._extension = Extension(space, extend, settings) if extend else None
        self._next_at = 0  # trials
        self.begun: list[Round] = []

    @property
    def due(self) -> bool:
        """Whether the next trial begins a round."""
        return len(self._record) == self._next_at

    @property
    def may_grow(self) -> bool:
        """Whether ranges may."""
        return self._extension is not None

    def begin(self, space: Space) -> Space:
        """Begin the next round; returns the space, which may have grown."""
        if not self.begun:
            regions = whole_space(space, "the whole range: the first round")
        elif not self._model.any_feasible:
            regions = whole_space(space, "the whole range: no trial has given a result to narrow it")
        else:
            space, regions = self._around_the_elites(space)
        self._add(regions)
        return space

    def outgrow(self, space: Space) -> Space:
        """Where all configs have been tried, there may be others beyond an end; returns the space.

        One elite there is enough, since no two can have the same config.
        """
        if not self._model.any_feasible:
            return space
        wider, regions = self._around_the_elites(space, share=0.0)
        if wider is not space:
            self._add(regions)
        return wider

    def _add(self, regions: tuple[Region, ...]) -> None:
        trials = len(self._record)
        self.begun.append(Round(len(self.begun), regions))
        later = max(self._settings.round_size, trials // self._settings.round_part)
        self._next_at = trials + (later if trials else self._settings.first_round)

    def _around_the_elites(
        self, space: Space, share: float | None = None
    ) -> tuple[Space, tuple[Region, ...]]:
        """The regions around the elites; ranges that may grow do where this share of them leans on an end."""
        with one_thread():
            self._model.update()
            region = self._model.region()
            gain = self._model.edge_gain(region.elites)
            found = leans(space, region, gain, self._settings, share)
            if self._extension is not None:
                wider, found = grow(space, found, self._extension, region)
                if wider is not space:
                    space = wider
                    self._model.reset(space, points_in(space, self._record))
                    self._model.update()
                    region = self._model.region()
            return space, describe(space, region, found)


def points_in(space: Space, record: TrialRecord) -> Sequence[Point]:
    """The points that the trials' configs have in a space."""
    return [point_in(space, record.config(trial)) for trial in range(len(record))]


def point_in(space: Space, config: Config) -> Point:
    """The point that a config has in a space; what it leaves out lies in the middle."""
    return np.nan_to_num(space.point(config), nan=0.5)
