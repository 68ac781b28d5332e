"""What the surrogate expects of configs near the one in training, by the sweep that it was adopted from."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweeps.analysis.search import Array, Search, sampled, search_of
from sweeps.results import SweepResult
from sweeps.space import Choice, Config, Space, Value
from sweeps.surrogate import NEW, Features, Inputs, Posterior, Process, Targets, one_thread

Can = Callable[[Mapping[str, Any]], bool]
"""Whether a model in training can go on with these values."""

_FEWEST, _MOST = 20, 300  # trials: fewer say too little of several hyperparameters
_LEVELS = 10  # lengths of training: where there are more, trials end as they like, and complete ones count
_NEAR = 0.15  # of each range, to either side: a factor of six where it spans five decades
_CANDIDATES = 256
_SURE = 0.8  # that it is better: less is not enough to change a model for


@dataclass(frozen=True)
class Expected:
    """The best near a config, as the surrogate sees it.

    Attributes:
        here, there: The objective that a trial with the config, and with `values`, is expected to reach.
        sure: The probability that the latter is better.
        values: What would be changed; empty where not enough is known.
        trials: By how many it is told.
    """

    here: float
    there: float
    sure: float
    trials: int
    values: Mapping[str, Value] = field(default_factory=dict)

    def words(self, sweep: str, metric: str) -> str:
        """What is expected, with how sure that is."""
        by = f"the surrogate of {self.trials} trials of {sweep}"
        if not self.values:
            return f"{by} does not know enough: of nothing near is it {_SURE:.0%} sure of a gain"
        sure = "more than 99%" if self.sure > 0.99 else f"{self.sure:.0%}"
        return (
            f"{by} expects a {metric} of {self.there:.4g}, not {self.here:.4g}, and is {sure} sure of a gain"
        )


def expected_near(sweep: SweepResult, config: Config, can: Can) -> Expected | None:
    """The config near this one that is expected to be best; None where the sweep says nothing of it.

    Of trials that are trained to the end from epoch 0: where training goes on from a checkpoint, what they
    gain by the whole of it is gained in part.
    """
    search = search_of(sweep)
    places = sampled(_that_count(search), _MOST)
    space = search.space
    point = space.point({name: value for name, value in config.items() if _holds(space, name, value)})
    free = [name for name in space.searched if _is_free(space, name, config, point, can)]
    if not free:
        return None
    points, features = search.points(places), Features(space)
    known = _is_known(points, features)
    places, points = places[known], points[known]
    losses = search.loss[places][search.finite[places]]
    if len(losses) < _FEWEST or not _is_known(point[None], features)[0] or not np.ptp(losses):
        return None
    units = _around(space, point, free)
    with one_thread():
        believed, targets = _believed(search, places, features.of(points), features.of(units))
        mean, sure = _against_first(believed)
    best = int(np.argmin(mean))
    order = np.argsort(search.loss[places])[: int(search.finite[places].sum())]
    here, there = np.interp(mean[[0, best]], targets[order], search.loss[places][order]) * search.sign
    if sure[best] < _SURE:
        return Expected(float(here), float(there), float(sure[best]), len(places))
    values = {name: _value(space, name, units[best]) for name in free}
    moved = {name: value for name, value in values.items() if value != config[name]}
    return Expected(float(here), float(there), float(sure[best]), len(places), moved)


def _that_count(search: Search) -> NDArray[np.int64]:
    """Places of the trials with an objective, however long they were trained, and of those that were lost."""
    finite = np.flatnonzero(search.finite)
    if len(np.unique(search.trained[finite])) > _LEVELS:
        return np.flatnonzero(search.complete | search.lost)
    return np.flatnonzero(search.finite | search.lost)


def _holds(space: Space, name: str, value: Value) -> bool:
    return name in space.distributions and value in space.distributions[name]


def _is_known(points: Array, features: Features) -> NDArray[np.bool_]:
    """Which have a place in the space; what is inactive needs none."""
    return np.asarray(~(np.isnan(points) & features.active(points)).any(axis=1))


def _is_free(space: Space, name: str, config: Config, point: Array, can: Can) -> bool:
    """Whether it has an order and may be nudged."""
    kind = space.distributions[name]
    at = point[space.searched.index(name)]
    if (isinstance(kind, Choice) and not kind.ordered) or np.isnan(at):
        return False
    other = kind.from_unit(float(at - 0.5 if at > 0.5 else at + 0.5))
    return other != config[name] and can({name: other})


def _around(space: Space, point: Array, free: list[str]) -> Array:
    """The config's own point, and others around it, each where its values lie: (n, dimensions)."""
    rng = np.random.default_rng(0)
    units = np.tile(point, (_CANDIDATES + 1, 1))
    for name in free:
        at, kind = space.searched.index(name), space.distributions[name]
        drawn = np.clip(point[at] + rng.uniform(-_NEAR, _NEAR, _CANDIDATES), 0, 1)
        units[1:, at] = [kind.to_unit(kind.from_unit(float(unit))) for unit in drawn]
    return units


def _believed(search: Search, places: NDArray[np.int64], seen: Array, new: Array) -> tuple[Posterior, Array]:
    """What is believed of new trials, and the losses of those seen as it learns them; both by features."""
    targets = Targets(search.loss[places]).values
    levels = np.unique(search.trained[places][search.finite[places]])
    # What was lost would have been, had it been trained to the end.
    rungs = np.searchsorted(levels, search.trained[places]).clip(max=len(levels) - 1)
    rungs[search.lost[places]] = len(levels) - 1
    process = Process(Features(search.space), len(levels))
    process.fit(Inputs(seen, rungs, search.number[places]), targets, learn=True)
    unseen = Inputs(new, np.full(len(new), len(levels) - 1), np.full(len(new), NEW))
    return process.posterior(unseen), targets


def _against_first(believed: Posterior) -> tuple[Array, Array]:
    """Expectations, and the probability that each is below the first, luck left out."""
    count = len(believed.mean)
    weights = np.eye(count)
    weights[:, 0] -= 1
    gain, deviation = believed.combined(weights)
    sure = [0.5 * math.erfc(g / d / math.sqrt(2)) for g, d in zip(gain, deviation, strict=True)]
    return believed.mean, np.array(sure)


def _value(space: Space, name: str, point: Array) -> Value:
    value = space.distributions[name].from_unit(float(point[space.searched.index(name)]))
    return float(f"{value:.2g}") if isinstance(value, float) else value
