"""What to train next: going on with a paused trial, or a new one, by what each promises for its price."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sweeps.scheduler.foresight import Foresight
from sweeps.scheduler.region import Box
from sweeps.scheduler.settings import CoarseToFineSettings
from sweeps.space import Point

Array = NDArray[np.float64]

_GLOBAL = 3  # one in so many candidates is from anywhere
_REFINEMENTS = (0.4, 0.2, 0.1, 0.05)  # reach of the steps from the best candidates, each a quarter as many
_PARENTS = 8  # candidates that are refined; half as many as are to be chosen, where that is more
_LAST = 4096  # points among which the last configs of a discrete space are looked for
_OPTIONS = 384  # candidates, the best of all, that are chosen from
_BEHIND = 1e9  # more than promises, which are logarithms, differ by


class Choices:
    """Finds the most promising options.

    foresight: what is known, and expected of the trials in training. box: where the elites are.
    epochs: of a full training.
    """

    def __init__(self, foresight: Foresight, box: Box, settings: CoarseToFineSettings, epochs: int) -> None:
        self._foresight, self._box, self._settings, self._epochs = foresight, box, settings, epochs

    def best(
        self, count: int, climbers: Mapping[int, int], new: int, rng: np.random.Generator
    ) -> list[int | Point]:
        """The best options, one after the other, each as if the ones before were in training already.

        A trial's number says to go on with it, a point to begin a new trial there.
        climbers: the trials that may go on, and the epochs each has behind it. new: how many may begin.
        An option is worth its expected improvement at the last rung, per epoch until there.
        """
        trials = list(climbers)
        points = (
            self._candidates(max(_PARENTS, count // 2), rng) if new else np.empty((0, len(self._box.low)))
        )
        price = np.log(self._epochs - np.array([*climbers.values(), *[0] * len(points)]))
        outlook = self._foresight.outlook(trials, points)
        options, barred = np.arange(len(price)), np.zeros(len(price), dtype=bool)
        chosen: list[int | Point] = []
        while not barred.all():
            i = int(np.argmax(np.where(barred, -np.inf, outlook.promise() - price[options])))
            place = int(options[i]) - len(trials)
            chosen.append(points[place] if place >= 0 else trials[place])
            if len(chosen) == count:
                break
            outlook.take_up(i)
            barred[i] = True
            if place >= 0:
                new -= 1
                alike = outlook.distance(i) < self._settings.distinct
                barred |= (options >= len(trials)) & (alike | (not new))
            if 2 * barred.sum() > len(barred):
                outlook.keep(~barred)
                options, barred = options[~barred], barred[~barred]
        return chosen

    def _candidates(self, parents: int, rng: np.random.Generator) -> Array:
        """Points for new trials, the most promising ones and what is near them. None has a config that was
        tried, unless there is no other in sight."""
        count = self._settings.candidates
        anywhere = rng.random((count // _GLOBAL, len(self._box.low)))
        points = np.concatenate([self._box.draw(count - len(anywhere), rng), anywhere])
        values = self._values(points)
        for reach in _REFINEMENTS:
            best = points[np.argsort(-values, kind="stable")[:parents]]
            near = self._box.near(best, count // len(_REFINEMENTS), rng, reach)
            points = np.concatenate([points, near])
            values = np.concatenate([values, self._values(near)])
        ranked = np.argsort(-values, kind="stable")[:_OPTIONS]
        new = ranked[np.isfinite(values[ranked])]
        return points[new] if len(new) else self._last_new(points[ranked], rng)

    def _last_new(self, tried: Array, rng: np.random.Generator) -> Array:
        """Points from anywhere whose configs are new; where there are none either, those given."""
        anywhere = rng.random((_LAST, len(self._box.low)))
        new = anywhere[~self._foresight.tried(anywhere)]
        return new[:_OPTIONS] if len(new) else tried

    def _values(self, points: Array) -> Array:
        """What each point promises. One too near to a known trial comes after all that are not, and one whose
        config has been tried is worth minus infinity."""
        outlook = self._foresight.outlook((), points)
        promise, distance = outlook.promise(), outlook.known()
        promise = np.where(distance < self._settings.distinct, promise - _BEHIND, promise)
        return np.where(outlook.tried, -np.inf, promise)
