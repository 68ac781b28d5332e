"""The rounds of a search, each of which draws from a region around the elites of all before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sweeps.observation import with_known
from sweeps.schedulers.coarse_to_fine.explanation import describe
from sweeps.schedulers.coarse_to_fine.range_growth import Extension, Legal, grow, leans
from sweeps.schedulers.coarse_to_fine.settings import CoarseToFineSettings
from sweeps.schedulers.coarse_to_fine.surrogate_model import SurrogateModel
from sweeps.schedulers.protocol import whole_space
from sweeps.schedulers.record import TrialRecord
from sweeps.space import Config, Point, Space
from sweeps.surrogate import one_thread
from sweeps.trial import Region, Round


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
        self._next_at = self._observed = self._first = 0  # trials, trials, the first round's number
        self.begun: list[Round] = []

    @property
    def due(self) -> bool:
        """Whether the next trial begins a round."""
        return len(self._record) == self._next_at

    @property
    def may_grow(self) -> bool:
        """Whether ranges may."""
        return self._extension is not None

    @property
    def filling(self) -> bool:
        """Whether the trials so far are too few for the model to have a say."""
        return self._record.inside < self._settings.first_round

    @property
    def last(self) -> int:
        """The number of the last round begun."""
        return self.begun[-1].index

    def observe(self, rounds: int) -> None:
        """Go on from the trials that the record has, with the next of so many rounds."""
        self._next_at = self._observed = len(self._record)
        self._first = rounds

    def to_hold(self, space: Space, configs: Sequence[Config]) -> Space:
        """The space with ranges that have grown, where they may, as far as others let them grow before."""
        if self._extension is not None:
            for config in configs:
                space = self._extension.to_hold(space, config)
        return space

    def begin(self, space: Space) -> Space:
        """Begin the next round; returns the space, which may have grown."""
        if not self.begun and self.filling:
            regions = whole_space(space, "the whole range: the first round")
        elif not self._model.may_decide:
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
        trials, first = len(self._record), not self.begun
        known = self._observed if first else 0
        told = tuple(replace(region, reason=with_known(region.reason, known)) for region in regions)
        self.begun.append(Round(self._first + len(self.begun), told))
        later = max(self._settings.round_size, trials // self._settings.round_part)
        filling = self._settings.first_round - self._record.inside
        self._next_at = trials + (filling if first and filling > 0 else later)

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
    return [trial_point(space, record, trial) for trial in range(len(record))]


def trial_point(space: Space, record: TrialRecord, trial: int) -> Point:
    """The point that a trial's config has in a space; NaN for one outside."""
    if trial in record.outside:
        return np.full(len(space.searched), np.nan)
    return point_in(space, record.config(trial))


def point_in(space: Space, config: Config) -> Point:
    """The point that a config has in a space; what it leaves out lies in the middle."""
    return np.nan_to_num(space.point(config), nan=0.5)
