"""What the model makes of all results so far: which trials are best, and what a point promises."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sweeps.scheduler.climb import INFEASIBLE
from sweeps.scheduler.edge_gain import edge_gain
from sweeps.scheduler.pace import patience
from sweeps.scheduler.region import Box, box_around
from sweeps.scheduler.rows import Rows
from sweeps.scheduler.settings import CoarseToFineSettings
from sweeps.space import Point, Space
from sweeps.surrogate import NEW, Features, Inputs, Posterior, Process, Targets, log_expected_improvement

Array = NDArray[np.float64]


class Foresight:
    """Points are in the unit cube of one space, whose trials it knows by number.

    rungs: how many there are. memory: how many results the model learns from.
    points: of the trials there are already.
    """

    def __init__(self, space: Space, rungs: int, memory: int, points: Sequence[Point] = ()) -> None:
        self._rungs, self._memory = rungs, memory
        self.widen(space, points)

    def widen(self, space: Space, points: Sequence[Point]) -> None:
        """Begin again in another space, with the points that its trials have there."""
        self._space = space
        self._features = Features(space)
        self._process = Process(self._features, self._rungs)
        self._points = Rows(len(space.searched))
        self._encoded = Rows(len(self._features.group))
        self._tried: set[bytes] = set()  # features of trials heard of or busy
        self._heard = self._learn_at = 0
        for point in points:
            self.add(point)

    def add(self, point: Point) -> None:
        """The next trial's point."""
        self._points.append(point)

    def hear(self, arrivals: Array) -> None:
        """Take in what has arrived since: all from the first on, with trial, rung and loss as columns.

        At least one loss must be finite.
        """
        if len(arrivals) == self._heard:
            return
        self._try(np.unique(arrivals[self._heard :, 0]).astype(np.int64))
        self._heard = len(arrivals)
        trials, rungs, losses = arrivals[_remembered(arrivals[:, 2], self._memory)].T.copy()
        self._trials = trials.astype(np.int64)
        self._feasible = _feasible(self._trials, losses)
        self._feasible_features = self._of(self._feasible)
        targets = Targets(losses).values
        self._best = float(targets.min())
        learn = len(arrivals) >= self._learn_at
        if learn:
            self._learn_at = len(arrivals) + patience(len(arrivals))
        inputs = Inputs(self._of(self._trials), rungs.astype(np.int64), self._trials)
        self._process.see(inputs, targets, learn=learn)

    def expect(self, busy: Sequence[int]) -> None:
        """Count the results of trials in training as if they were in, and as foreseen."""
        trials = np.array(busy, dtype=np.int64)
        self._try(trials)
        self._process.expect(self._at_the_end(self._of(trials), trials))

    def elites(self, count: int) -> Array:
        """Points of the feasible trials that are foreseen best at the last rung, shape (n, dimensions).

        By their configs alone, as if each were trained again: what was luck is left out.
        """
        again = np.full(len(self._feasible), NEW)
        foreseen = self._process.mean(self._at_the_end(self._feasible_features, again))
        return self.points(self._feasible[np.argsort(foreseen, kind="stable")[:count]])

    def feasible(self) -> Array:
        """Points of trials whose losses are finite, of those remembered, shape (n, dimensions)."""
        return self.points(self._feasible)

    def infeasible(self) -> Array:
        """Points of the others."""
        return self.points(np.setdiff1d(self._trials, self._feasible))

    def box(self, settings: CoarseToFineSettings) -> Box:
        """The region around the elites."""
        elites = self.elites(settings.elites)
        return box_around(self._space, elites, self.feasible(), self.infeasible(), settings)

    def edge_gain(self, elites: Array) -> Array:
        """How sure it is that elites are better at the ends of the ranges than inside; see `edge_gain`."""
        return edge_gain(self._space, elites, self._new_trials)

    def _new_trials(self, points: Array) -> Posterior:
        """The belief in new trials' results at the last rung."""
        return self._process.foresee(self._at_the_end(self._features.of(points), np.full(len(points), NEW)))

    def trials_at(self, point: Point) -> list[int]:
        """The trials that have the config there, heard of or not."""
        return np.flatnonzero((self._all == self._features.of(point[None])).all(axis=1)).tolist()

    def points(self, trials: Sequence[int] | NDArray[np.int64]) -> Array:
        """Points of trials, NaN where their configs leave a hyperparameter out, shape (n, dimensions)."""
        found = self._points.values[np.asarray(trials, dtype=np.int64)]
        return np.where(self._features.active(found), found, np.nan)

    def outlook(self, climbers: Sequence[int], points: Array) -> Outlook:
        """On the trials that may climb, and then on points of new ones, all at the last rung."""
        trials = np.array([*climbers, *[NEW] * len(points)], dtype=np.int64)
        features = np.concatenate([self._of(climbers), self._features.of(points)])
        foreseen = self._process.foresee(self._at_the_end(features, trials))
        return Outlook(foreseen, self._best, self._among_tried(features))

    def tried(self, points: Array) -> NDArray[np.bool_]:
        """Which points have the config of a trial heard of or busy, remembered or not, shape (n,)."""
        return self._among_tried(self._features.of(points))

    def _among_tried(self, features: Array) -> NDArray[np.bool_]:
        return np.array([row.tobytes() in self._tried for row in features], dtype=bool)

    def _at_the_end(self, features: Array, trials: NDArray[np.int64]) -> Inputs:
        return Inputs(features, np.full(len(trials), self._rungs - 1), trials)

    def _try(self, trials: NDArray[np.int64]) -> None:
        self._tried.update(row.tobytes() for row in self._of(trials))

    def _of(self, trials: Sequence[int] | NDArray[np.int64]) -> Array:
        """Features of trials, shape (n, features)."""
        return self._all[np.asarray(trials, dtype=np.int64)]

    @property
    def _all(self) -> Array:
        """Features of all trials, which are found once."""
        if len(self._encoded) < len(self._points):
            self._encoded.extend(self._features.of(self._points.values[len(self._encoded) :]))
        return self._encoded.values


class Outlook:
    """What each of a set of options promises, as the options are taken up one by one.

    tried: as `Foresight.tried` says, shape (n,).
    """

    def __init__(self, posterior: Posterior, best: float, tried: NDArray[np.bool_]) -> None:
        self._posterior, self._best, self.tried = posterior, best, tried

    def promise(self) -> Array:
        """The log of the expected improvement on the best result so far, by what will be seen, shape (n,)."""
        return log_expected_improvement(self._posterior.mean, self._posterior.deviation, self._best)

    def known(self) -> Array:
        """How far each option is from the nearest trial that is remembered or busy, in lengthscales."""
        return self._posterior.nearest

    def distance(self, option: int) -> Array:
        """How far each is from one of them, in lengthscales: shape (n,)."""
        return self._posterior.distance(option)

    def keep(self, which: NDArray[np.bool_]) -> None:
        """Forget the other options; the rest move up."""
        self._posterior.keep(which)
        self.tried = self.tried[which]

    def take_up(self, option: int) -> None:
        """Count an option as busy from now on."""
        self._posterior.pretend(option)


def _feasible(trials: NDArray[np.int64], losses: Array) -> NDArray[np.int64]:
    """The trials of results that never became infeasible; where all did, those that were not at first."""
    finite = losses < INFEASIBLE
    stayed = np.setdiff1d(trials[finite], trials[~finite])
    return stayed if len(stayed) else np.unique(trials[finite])


def _remembered(losses: Array, memory: int) -> NDArray[np.int64]:
    """Which results to learn from, in order: the best, and of the rest an even sample, one half each."""
    if len(losses) <= memory:
        return np.arange(len(losses))
    best = np.zeros(len(losses), dtype=bool)
    half = memory // 2
    worst = np.partition(losses, half - 1)[half - 1]  # of the best half; sorting all takes longer
    best[losses < worst] = True
    best[np.flatnonzero(losses == worst)[: half - best.sum()]] = True
    rest = np.flatnonzero(~best)
    best[rest[np.linspace(0, len(rest) - 1, memory - half).astype(np.int64)]] = True
    return np.flatnonzero(best)
