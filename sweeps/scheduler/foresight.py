"""What the model makes of all results so far: which trials are best, and what a point promises."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sweeps.scheduler.climb import INFEASIBLE
from sweeps.space import Point, Space
from sweeps.surrogate import Features, Posterior, Process, Targets, log_expected_improvement

Array = NDArray[np.float64]

_LEARN = 4, 8  # results, and a part of all, after which the model's constants are looked for again


class Foresight:
    """Points are in the unit cube of one space, whose trials it knows by number.

    rungs: how many there are. memory: how many results the model learns from.
    points: of the trials there are already.
    """

    def __init__(self, space: Space, rungs: int, memory: int, points: Sequence[Point] = ()) -> None:
        self._space, self._last, self._memory = space, rungs - 1, memory
        self._features = Features(space)
        self._process = Process(self._features)
        self._points: list[Point] = []
        self._known: list[Array] = []
        self._heard = self._learn_at = 0
        for point in points:
            self.add(point)

    def add(self, point: Point) -> None:
        """The next trial's point."""
        self._points.append(point)
        self._known.append(self._features.of(point[None])[0])

    def hear(self, arrivals: Sequence[tuple[int, int, float]]) -> None:
        """Take in what has arrived since: (trial, rung, loss) in order, all from the first on.

        At least one loss must be finite.
        """
        if len(arrivals) == self._heard:
            return
        self._heard = len(arrivals)
        trials, rungs, losses = (np.array(column) for column in zip(*arrivals, strict=True))
        kept = _remembered(losses, self._memory)
        self._trials, losses = trials[kept], losses[kept]
        self._feasible = _feasible(self._trials, losses)
        targets = Targets(losses).values
        self._best = float(targets.min())
        learn = len(arrivals) >= self._learn_at
        if learn:
            self._learn_at = len(arrivals) + max(_LEARN[0], len(arrivals) // _LEARN[1])
        self._process.see(self._of(self._trials), rungs[kept], targets, learn=learn)

    def elites(self, count: int) -> Array:
        """Points of the feasible trials that are foreseen best at the last rung, shape (n, dimensions)."""
        foreseen = self._process.mean(self._of(self._feasible), self._last)
        return self.points(self._feasible[np.argsort(foreseen, kind="stable")[:count]])

    def feasible(self) -> Array:
        """Points of trials whose losses are finite, of those remembered, shape (n, dimensions)."""
        return self.points(self._feasible)

    def infeasible(self) -> Array:
        """Points of the others."""
        return self.points(np.setdiff1d(self._trials, self._feasible))

    def points(self, trials: Sequence[int] | NDArray[np.int64]) -> Array:
        """Points of trials, NaN where their configs leave a hyperparameter out, shape (n, dimensions)."""
        found = np.array([self._points[trial] for trial in trials]).reshape(
            len(trials), len(self._space.searched)
        )
        return np.where(self._features.active(found), found, np.nan)

    def outlook(self, busy: Sequence[int], climbers: Sequence[int], points: Array) -> Outlook:
        """On the trials that may climb, and then on points of new ones, while others are busy."""
        new = self._features.of(points)
        features = np.concatenate([self._of(busy), self._of(climbers), new])
        posterior = self._process.foresee(features, self._last)
        for i in range(len(busy)):
            posterior.pretend(i)
        return Outlook(posterior, len(busy), self._best)

    def distance(self, points: Array, busy: Sequence[int]) -> Array:
        """From points to the nearest trial that is remembered or busy, in lengthscales: shape (n,)."""
        others = np.concatenate([self._of(self._trials), self._of(busy)])
        return self._process.distance(self._features.of(points), others)

    def between(self, points: Array, point: Point) -> Array:
        """From points to another one, in lengthscales: shape (n,)."""
        return self._process.distance(self._features.of(points), self._features.of(point[None]))

    def _of(self, trials: Sequence[int] | NDArray[np.int64]) -> Array:
        return np.array([self._known[trial] for trial in trials]).reshape(
            len(trials), len(self._features.group)
        )


class Outlook:
    """What each of a set of options promises, as the options are taken up one by one."""

    def __init__(self, posterior: Posterior, busy: int, best: float) -> None:
        self._posterior, self._busy, self._best = posterior, busy, best

    def promise(self) -> Array:
        """The log of the expected improvement on the best result so far, by what will be seen, shape (n,)."""
        mean, deviation = self._posterior.mean, self._posterior.seen_deviation
        return log_expected_improvement(mean[self._busy :], deviation[self._busy :], self._best)

    def take_up(self, option: int) -> None:
        """Count an option as busy from now on."""
        self._posterior.pretend(self._busy + option)


def _feasible(trials: NDArray[np.int64], losses: Array) -> NDArray[np.int64]:
    """The trials of results that never became infeasible; where all did, those that were not at first."""
    finite = losses < INFEASIBLE
    stayed = np.setdiff1d(trials[finite], trials[~finite])
    return stayed if len(stayed) else np.unique(trials[finite])


def _remembered(losses: Array, memory: int) -> NDArray[np.int64]:
    """Which results to learn from, in order: the best, and of the rest an even sample, one half each."""
    if len(losses) <= memory:
        return np.arange(len(losses))
    ranked = np.argsort(losses, kind="stable")
    best, rest = ranked[: memory // 2], np.sort(ranked[memory // 2 :])
    sample = rest[np.linspace(0, len(rest) - 1, memory - len(best)).astype(np.int64)]
    return np.sort(np.concatenate([best, sample]))
