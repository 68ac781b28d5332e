"""What to train next: the options with the greatest expected improvement per epoch still to be paid."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sweeps.schedulers.coarse_to_fine.settings import CoarseToFineSettings
from sweeps.schedulers.coarse_to_fine.surrogate_model import ExpectedImprovement, SurrogateModel
from sweeps.space import Point

Array = NDArray[np.float64]
Belief: TypeAlias = Callable[[Array], Array]

_BEHIND = 1e9  # more than logarithms of expected improvements differ by


class Acquisition:
    """Optimizes the acquisition function over paused trials and new ones.

    model: conditioned on all results, trials in training pending. epochs: of a full training. belief: of the
    user, by how much points gain by it.
    """

    def __init__(
        self, model: SurrogateModel, settings: CoarseToFineSettings, epochs: int, belief: Belief | None = None
    ) -> None:
        self._model, self._settings, self._epochs, self._belief = model, settings, epochs, belief

    def best(
        self, count: int, paused: Mapping[int, int], new: int, rng: np.random.Generator
    ) -> list[int | Point]:
        """The best options, one after the other, each as if the ones before were in training already.

        A trial's number says to go on with it, a point to begin a new trial there.
        paused: the trials that may be promoted, and the epochs each has behind it. new: how many may begin.
        An option is worth its expected improvement at the last rung, per epoch until there.
        """
        trials = list(paused)
        if new:
            points, improvement = self._candidates(trials, max(self._settings.refined, count // 2), rng)
        else:
            points, improvement = np.empty((0, 0)), self._model.expected_improvement(trials)
        price = np.log(self._epochs - np.array([*paused.values(), *[0] * len(points)]))
        price -= self._gain(trials, points)
        options, barred = np.arange(len(price)), np.zeros(len(price), dtype=bool)
        chosen: list[int | Point] = []
        while not barred.all():
            i = int(np.argmax(np.where(barred, -np.inf, improvement.log_values() - price[options])))
            place = int(options[i]) - len(trials)
            chosen.append(points[place] if place >= 0 else trials[place])
            if len(chosen) == count:
                break
            improvement.set_pending(i)
            barred[i] = True
            if place >= 0:
                new -= 1
                alike = improvement.distance(i) < self._settings.distinct
                barred |= (options >= len(trials)) & (alike | (not new))
            if 2 * barred.sum() > len(barred):
                improvement.keep(~barred)
                options, barred = options[~barred], barred[~barred]
        return chosen

    def _candidates(
        self, trials: list[int], refined: int, rng: np.random.Generator
    ) -> tuple[Array, ExpectedImprovement]:
        """Points for new trials, the best ones and what is near them, and what is expected of paused trials
        and of these. None has a config that was tried, unless there is no other in sight."""
        region, count, paused = self._model.region(), self._settings.candidates, len(trials)
        anywhere = rng.random((count // self._settings.global_part, len(region.low)))
        points = np.concatenate([region.draw(count - len(anywhere), rng), anywhere])
        parts = [self._model.expected_improvement(trials, points)]
        values = self._values(parts[0], trials, points)[paused:]
        for reach in self._settings.refinements:
            best = points[np.argsort(-values, kind="stable")[:refined]]
            near = region.near(best, count // len(self._settings.refinements), rng, reach)
            parts.append(self._model.expected_improvement((), near))
            points = np.concatenate([points, near])
            values = np.concatenate([values, self._values(parts[-1], [], near)])
        ranked = np.argsort(-values, kind="stable")[: self._settings.compared]
        new = ranked[np.isfinite(values[ranked])]
        if not len(new):
            last = self._last_new(points[ranked], rng)
            return last, self._model.expected_improvement(trials, last)
        found = ExpectedImprovement.of_all(parts)
        found.keep(np.concatenate([np.arange(paused), paused + new]))
        return points[new], found

    def _last_new(self, tried: Array, rng: np.random.Generator) -> Array:
        """Points from anywhere whose configs are new; where there are none either, those given."""
        anywhere = rng.random((self._settings.untried_draws, tried.shape[1]))
        new = anywhere[~self._model.tried(anywhere)]
        return new[: self._settings.compared] if len(new) else tried

    def _values(self, improvement: ExpectedImprovement, trials: list[int], points: Array) -> Array:
        """The acquisition function of trials, and at points of new ones.

        One too near to a known trial comes after all that are not, and one whose config has been tried is
        worth minus infinity.
        """
        values = improvement.log_values() + self._gain(trials, points)
        distance = improvement.nearest()
        values = np.where(distance < self._settings.distinct, values - _BEHIND, values)
        return np.where(improvement.tried, -np.inf, values)

    def _gain(self, trials: list[int], points: Array) -> Array | float:
        """By the user's belief, of trials and of new ones at points."""
        if self._belief is None:
            return 0.0
        known = self._model.points(trials)
        return self._belief(np.concatenate([known, points]) if len(points) else known)
