"""What to train next: going on with a paused trial, or a new one, by what each promises for its price."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from sweeps.scheduler.foresight import Foresight
from sweeps.scheduler.region import Box
from sweeps.scheduler.settings import CoarseToFineSettings
from sweeps.space import Point

Array = NDArray[np.float64]

_GLOBAL = 3  # one in so many candidates is from anywhere
_REFINEMENTS = (0.4, 0.2, 0.1, 0.05)  # reach of the steps from the best candidates, each a quarter as many
_PARENTS = 8  # candidates that are refined
_SAME = 1e-6  # lengthscales, which rounding may put between equal configs
_BEHIND = 1e9  # more than promises, which are logarithms, differ by


class Choices:
    """Finds the most promising options.

    foresight: what is known. box: where the elites are. busy: the trials in training.
    """

    def __init__(
        self, foresight: Foresight, box: Box, busy: Sequence[int], settings: CoarseToFineSettings
    ) -> None:
        self._foresight, self._box, self._busy, self._settings = foresight, box, busy, settings

    def best(
        self, count: int, climbers: Mapping[int, int], new: int, epochs: int, rng: np.random.Generator
    ) -> list[int | Point]:
        """The best options, one after the other, each as if the ones before were in training already.

        A trial's number says to go on with it, a point to begin a new trial there.
        climbers: the trials that may go on, with the epochs each has left. new: how many trials may begin.
        epochs: what a new one has before it. An option is worth its expected improvement per epoch left.
        """
        trials = list(climbers)
        points = self._candidates(rng) if new else np.empty((0, len(self._box.low)))
        outlook = self._foresight.outlook(self._busy, trials, points)
        price = np.log([*climbers.values(), *[epochs] * len(points)])
        barred = np.zeros(len(price), dtype=bool)
        chosen: list[int | Point] = []
        while len(chosen) < count and not barred.all():
            i = int(np.argmax(np.where(barred, -np.inf, outlook.promise() - price)))
            outlook.take_up(i)
            barred[i] = True
            if i < len(trials):
                chosen.append(trials[i])
                continue
            point = points[i - len(trials)]
            chosen.append(point)
            new -= 1
            alike = self._foresight.between(points, point) < self._settings.distinct
            barred[len(trials) :] |= alike | (not new)
        return chosen

    def _candidates(self, rng: np.random.Generator) -> Array:
        """Points for new trials, the most promising ones and what is near them; none is a known trial's,
        unless all are."""
        count = self._settings.candidates
        anywhere = rng.random((count // _GLOBAL, len(self._box.low)))
        points = np.concatenate([self._box.draw(count - len(anywhere), rng), anywhere])
        values = self._values(points)
        for reach in _REFINEMENTS:
            best = points[np.argsort(-values, kind="stable")[:_PARENTS]]
            near = self._box.near(best, count // len(_REFINEMENTS), rng, reach)
            points = np.concatenate([points, near])
            values = np.concatenate([values, self._values(near)])
        ranked = np.argsort(-values, kind="stable")[:count]
        distinct = ranked[np.isfinite(values[ranked])]
        return points[distinct if len(distinct) else ranked]

    def _values(self, points: Array) -> Array:
        """What each point promises. One too near to a known trial comes after all that are not, and an equal
        one is worth minus infinity."""
        promise = self._foresight.outlook(self._busy, (), points).promise()
        distance = self._foresight.distance(points, self._busy)
        promise = np.where(distance < self._settings.distinct, promise - _BEHIND, promise)
        return np.where(distance < _SAME, -np.inf, promise)
