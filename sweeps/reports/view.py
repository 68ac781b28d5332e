"""What the sections of a report share: a sweep's trials, its hyperparameters as axes, samples of both, and
the answers of the analysis, each found once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweeps import analysis
from sweeps.analysis.search import Indices, Search, search_of
from sweeps.reports.axes import Axis, ObjectiveAxis
from sweeps.reports.blocks import short
from sweeps.results import Summary, SweepResult, summarize
from sweeps.space import Config, Value

MOST_POINTS = 1_200  # trials in a picture of many
_FIRST = 200  # of them the best, whatever the rest
_MOST_AXES = 24  # hyperparameters that get a picture of their own


class View:
    """A sweep as its sections see it; everything is read or made when first asked for."""

    def __init__(self, result: SweepResult) -> None:
        self.result = result
        self.metric: str = result.spec["metric"]
        self.metric_name = short(self.metric, 60)  # for the page; it may be as long as the user likes

    @cached_property
    def summary(self) -> Summary:
        """See `summarize`."""
        return summarize(self.result)

    @cached_property
    def search(self) -> Search:
        """The trials of the search as arrays."""
        return search_of(self.result)

    @cached_property
    def objectives(self) -> NDArray[np.float64]:
        """Of all trials of the search; not finite where there is none."""
        return self.search.sign * self.search.loss

    @cached_property
    def shown(self) -> Indices:
        """Places of the trials with an objective that pictures show, the best first: all, or a sample."""
        return _first_and_sample(self.search.ranking, MOST_POINTS)

    @cached_property
    def shown_lost(self) -> Indices:
        """The same of those that diverged or failed."""
        return _first_and_sample(np.flatnonzero(self.search.lost), MOST_POINTS // 4)

    @property
    def sampled(self) -> str:
        """What a picture of `shown` leaves out, in a sentence; empty where that is nothing."""
        all_, shown = len(self.search.ranking), len(self.shown)
        if shown == all_:
            return ""
        return (
            f"Shown are the {_FIRST} best trials and {shown - _FIRST:,} others, drawn at random, of {all_:,}."
        )

    @cached_property
    def objective_axis(self) -> ObjectiveAxis:
        """The objective's, fitted to the trials."""
        return ObjectiveAxis.of(self.metric, self.search.loss[self.search.ranking], self.search.sign)

    @cached_property
    def axes(self) -> list[Axis]:
        """One for each searched hyperparameter."""
        space = self.search.space
        return [Axis.of(name, space.distributions[name]) for name in space.searched]

    def most_important(self, most: int) -> list[int]:
        """Places in `axes` of so many hyperparameters: of those that matter most, where that is known."""
        names = [axis.name for axis in self.axes]
        if len(names) > most and self._knows:
            names = self.importance.table["hyperparameter"].tolist()
        return [k for k, axis in enumerate(self.axes) if axis.name in names[:most]]

    @cached_property
    def _knows(self) -> bool:
        """Whether a forest tells which hyperparameters matter."""
        return find_spec("sklearn") is not None and (self.importance.r2 or 0.0) > 0

    @cached_property
    def first_places(self) -> list[int]:
        """Of the hyperparameters that get a picture of their own: as many as a page has room for."""
        return self.most_important(_MOST_AXES)

    @property
    def first_axes(self) -> list[Axis]:
        """The same as axes."""
        return [self.axes[k] for k in self.first_places]

    @property
    def too_many(self) -> str:
        """Which hyperparameters get no picture of their own, in a sentence."""
        return self.left_out(len(self.first_places))

    def left_out(self, shown: int) -> str:
        """Which hyperparameters are shown where these are not all, in a sentence."""
        which = (
            "those that matter most"
            if self._knows
            else "the first in the spec, since it is not known which matter"
        )
        return (
            f"{shown} of {len(self.axes)} hyperparameters are shown, {which}."
            if shown < len(self.axes)
            else ""
        )

    @cached_property
    def shown_configs(self) -> list[Config]:
        """Of `shown`."""
        return self.search.configs(self.shown)

    @cached_property
    def lost_configs(self) -> list[Config]:
        """Of `shown_lost`."""
        return self.search.configs(self.shown_lost)

    @cached_property
    def points(self) -> NDArray[np.float64]:
        """Unit coordinates of `shown`: shape (shown, axes), NaN where a hyperparameter is inactive."""
        return self.search.points(self.shown)

    def place_of(self, trial: int) -> int:
        """Where a trial of the search stands in its arrays."""
        return int(np.searchsorted(self.search.number, trial))

    @cached_property
    def training_length(self) -> analysis.TrainingLength:
        """See `sweeps.analysis.training_length`."""
        return analysis.training_length(self.result)

    @cached_property
    def progress(self) -> analysis.Progress:
        """See `sweeps.analysis.progress`."""
        return analysis.progress(self.result)

    @cached_property
    def ranges(self) -> analysis.Ranges:
        """See `sweeps.analysis.ranges`."""
        from sweeps.face.resolve import legality_of  # the face alone reaches the trainer

        return analysis.ranges(self.result, legality_of(self.result.spec.get("trainable")))

    @cached_property
    def rungs(self) -> analysis.Rungs:
        """See `sweeps.analysis.rungs`."""
        return analysis.rungs(self.result)

    @cached_property
    def importance(self) -> analysis.Importance:
        """See `sweeps.analysis.importance`."""
        return analysis.importance(self.result)

    @cached_property
    def effects(self) -> analysis.Effects:
        """See `sweeps.analysis.effects`."""
        return analysis.effects(self.result)

    @cached_property
    def ablation(self) -> analysis.Ablation:
        """See `sweeps.analysis.ablation`."""
        return analysis.ablation(self.result)

    @cached_property
    def surrogate_trust(self) -> analysis.SurrogateTrust:
        """See `sweeps.analysis.surrogate_trust`."""
        return analysis.surrogate_trust(self.result)

    @cached_property
    def stop_or_go(self) -> analysis.StopOrGo:
        """See `sweeps.analysis.stop_or_go`."""
        return analysis.stop_or_go(self.result)

    @cached_property
    def waste(self) -> analysis.Waste:
        """See `sweeps.analysis.waste`."""
        return analysis.waste(self.result)

    @cached_property
    def next_step(self) -> analysis.NextStep:
        """See `sweeps.analysis.next_step`."""
        return self.result.next_step()

    def cards(self) -> Iterator[tuple[int, str]]:
        """What is told of a trial that is clicked."""
        groups = ((self.shown, self.shown_configs), (self.shown_lost, self.lost_configs))
        for places, configs in groups:
            for place, config in zip(places.tolist(), configs, strict=True):
                yield int(self.search.number[place]), self._card(place, config)

    def _card(self, place: int, config: Config) -> str:
        search = self.search
        head = f"trial {search.number[place]}, {search.status[place]}, {search.trained[place]} epochs"
        objective = f"{self.metric[:60]}: {self.objectives[place]:.6g}" if search.finite[place] else ""
        return "\n".join([head, objective, *(f"  {name}: {_cut(value)}" for name, value in config.items())])


def values(configs: list[Config], name: str) -> list[Value]:
    """A hyperparameter's values, `ABSENT` where a config does not have it."""
    return [config.get(name, ABSENT) for config in configs]


class _Absent:
    """Stands for the value of a hyperparameter that a config does not have."""


ABSENT: Any = _Absent()


def _first_and_sample(places: Indices, most: int) -> Indices:
    if len(places) <= most:
        return places
    first = min(_FIRST, most // 2)
    others = np.random.default_rng(0).choice(np.arange(first, len(places)), most - first, replace=False)
    return np.asarray(places[[*range(first), *np.sort(others)]])


def _cut(value: Any) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 120 else text[:119] + "…"
