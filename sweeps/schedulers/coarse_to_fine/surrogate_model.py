"""What the model makes of all results so far: which trials are best, and what a point is expected to give."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from sweeps.schedulers.coarse_to_fine.budget import refit_interval
from sweeps.schedulers.coarse_to_fine.earlier_results import EarlierResults
from sweeps.schedulers.coarse_to_fine.edge_gain import edge_gain
from sweeps.schedulers.coarse_to_fine.remembered import remembered
from sweeps.schedulers.coarse_to_fine.settings import CoarseToFineSettings
from sweeps.schedulers.coarse_to_fine.trust_region import TrustRegion, region_around
from sweeps.schedulers.record import INFEASIBLE
from sweeps.schedulers.rows import Rows
from sweeps.space import Point, Space
from sweeps.surrogate import NEW, Features, Inputs, Posterior, Process, Targets, log_expected_improvement

Array = NDArray[np.float64]

_ALL_INFEASIBLE = 2.0  # a target worse than most that earlier sweeps have


class SurrogateModel:
    """The surrogate (`sweeps.surrogate`) of one search, whose trials it has by number.

    Points are in the unit cube of one space. any_feasible: whether some result so far is finite.

    Args:
        space: What is searched.
        rungs: How many there are.
        settings: Of them: memory, elites, when the constants are learned again.
        points: Of the trials there are already.
        earlier: What earlier sweeps have found.
    """

    def __init__(
        self,
        space: Space,
        rungs: int,
        settings: CoarseToFineSettings,
        points: Sequence[Point] = (),
        earlier: EarlierResults | None = None,
    ) -> None:
        self._rungs, self._settings, self._earlier = rungs, settings, earlier
        self._results = Rows(3)  # trial, rung, loss
        self.any_feasible = self._judged = False
        self._over: list[int] = []  # trials that ended without a result
        self.reset(space, points)

    def reset(self, space: Space, points: Sequence[Point]) -> None:
        """Begin again in another space, with the points that its trials have there and the same results."""
        self._space = space
        self._features = Features(space)
        self._process = Process(self._features, self._rungs, self._earlier.sweeps if self._earlier else 0)
        self._points = Rows(len(space.searched))
        self._encoded = Rows(len(self._features.group))
        self._alike: dict[bytes, list[int]] = {}  # features → the trials that have them
        self._tried: set[bytes] = set()  # features of trials with results, pending, or over without one
        self._known = self._refit_at = 0  # results
        for point in points:
            self.add_trial(point)
        self._try(np.array(self._over, dtype=np.int64))

    def add_trial(self, point: Point) -> None:
        """The next trial's point; NaN for one outside the space, which has no results."""
        self._points.append(point)

    def add_result(self, trial: int, rung: int, loss: float) -> None:
        """A trial's loss at a rung; infinity if it is infeasible."""
        self._results.append((trial, rung, loss))
        self.any_feasible |= loss < INFEASIBLE

    def rule_out(self, trial: int) -> None:
        """The trial has ended without a result: its config is not to be tried again."""
        self._over.append(trial)
        self._try(np.array([trial]))

    @property
    def results(self) -> int:
        """How many there are so far."""
        return len(self._results)

    @property
    def may_decide(self) -> bool:
        """Whether there is anything to decide by: a finite result, here or in an earlier sweep."""
        earlier = self._earlier
        return self.any_feasible or (
            earlier is not None and earlier.says_something(self._space, self._features)
        )

    @property
    def worth(self) -> list[float]:
        """How alike each earlier sweep's results are to this one's, from 0 to 1; nothing before that could be
        learned."""
        return [float(each) for each in self._process.worth] if self._judged else []

    def update(self) -> None:
        """Condition the model on the results since; now and then its constants are learned again.

        At least one loss must be finite, or there must be results of earlier sweeps.
        """
        results = self._results.values
        if len(results) == self._known and (len(results) or not self._earlier):
            return
        self._try(results[self._known :, 0].astype(np.int64))
        self._known = len(results)
        trials, rungs, losses = results[remembered(results[:, 2], self._settings.memory)].T.copy()
        self._trials = trials.astype(np.int64)
        self._feasible = _feasible(self._trials, losses)
        self._feasible_features = self._of(self._feasible)
        targets = Targets(losses).values if self.any_feasible else np.full(len(losses), _ALL_INFEASIBLE)
        learn = len(results) >= self._refit_at
        if learn:
            self._refit_at = len(results) + refit_interval(len(results), self._settings)
        inputs = Inputs(self._of(self._trials), rungs.astype(np.int64), self._trials)
        if self._earlier is not None:
            inputs, targets = self._earlier.before(inputs, targets, self._space, self._features)
        self._process.fit(inputs, targets, learn=learn)
        self._judged |= learn and self.any_feasible
        self._best = self._best_so_far(targets)

    def _best_so_far(self, targets: Array) -> float:
        """What is to be improved on; before any result, what the best of earlier sweeps would give."""
        if self.any_feasible:
            return float(targets[len(targets) - len(self._trials) :].min())
        again = self._at_the_end(features := self._earlier_features, np.full(len(features), NEW))
        return float(self._process.mean(again).min())

    def set_pending(self, trials: Sequence[int]) -> None:
        """Count the results of trials in training as if they were in, and as expected."""
        pending = np.array(trials, dtype=np.int64)
        self._try(pending)
        self._process.fantasize(self._at_the_end(self._of(pending), pending))

    def elites(self, count: int) -> Array:
        """Points of the feasible trials that are expected to be best at the last rung, shape (n, dimensions).

        By their configs alone, as if each were trained again: what was luck is left out. Configs of earlier
        sweeps fill up what is missing while this one has too few trials; a region around them for good
        would hold the search where the earlier sweeps ended.
        """
        features, points = self._feasible_features, self.points(self._feasible)
        if self._earlier is not None and len(points) < count:
            points = np.concatenate([points, self._earlier.feasible_points])
            features = np.concatenate([features, self._earlier_features])
        expected = self._process.mean(self._at_the_end(features, np.full(len(features), NEW)))
        return points[np.argsort(expected, kind="stable")[:count]]

    @property
    def _earlier_features(self) -> Array:
        """Of the configs of earlier sweeps, each once, that can be trained."""
        if self._earlier is None:
            return self._feasible_features[:0]
        return self._features.of(self._earlier.feasible_points)

    def feasible(self) -> Array:
        """Points of trials whose losses are finite, of those remembered, shape (n, dimensions)."""
        return self.points(self._feasible)

    def infeasible(self) -> Array:
        """Points of the others."""
        return self.points(np.setdiff1d(self._trials, self._feasible))

    def region(self) -> TrustRegion:
        """The region around the elites."""
        elites = self.elites(self._settings.elites)
        return region_around(self._space, elites, self.feasible(), self.infeasible(), self._settings)

    def edge_gain(self, elites: Array) -> Array:
        """How sure it is that elites are better at the ends of the ranges than inside; see `edge_gain`.

        Where a long lengthscale says that a hyperparameter hardly matters, more is asked for: divided by its
        square.
        """
        gain = edge_gain(self._space, elites, self._new_trials, self._settings)
        return np.asarray(gain / np.maximum(self._process.relative_lengthscales, 1.0) ** 2)

    def trials_at(self, point: Point) -> list[int]:
        """The trials that have the config there, with results or without."""
        self._encode()
        (row,) = _rows(self._features.of(point[None]))
        return self._alike.get(row, [])

    def points(self, trials: Sequence[int] | NDArray[np.int64]) -> Array:
        """Points of trials, NaN where their configs leave a hyperparameter out, shape (n, dimensions)."""
        found = self._points.values[np.asarray(trials, dtype=np.int64)]
        return np.where(self._features.active(found), found, np.nan)

    def expected_improvement(self, paused: Sequence[int], points: Array | None = None) -> ExpectedImprovement:
        """Of paused trials, and then of new ones at points, all trained to the last rung."""
        features, trials = self._of(paused), np.array(paused, dtype=np.int64)
        if points is not None:
            features = np.concatenate([features, self._features.of(points)])
            trials = np.concatenate([trials, np.full(len(points), NEW)])
        posterior = self._process.posterior(self._at_the_end(features, trials))
        return ExpectedImprovement(posterior, self._best, self._among_tried(features))

    def tried(self, points: Array) -> NDArray[np.bool_]:
        """Which points have the config of a trial that waits for no first result, shape (n,)."""
        return self._among_tried(self._features.of(points))

    def _new_trials(self, points: Array) -> Posterior:
        """Of new trials' results at the last rung."""
        new = np.full(len(points), NEW)
        return self._process.posterior(self._at_the_end(self._features.of(points), new))

    def _among_tried(self, features: Array) -> NDArray[np.bool_]:
        return np.fromiter(map(self._tried.__contains__, _rows(features)), bool, len(features))

    def _at_the_end(self, features: Array, trials: NDArray[np.int64]) -> Inputs:
        return Inputs(features, np.full(len(trials), self._rungs - 1), trials)

    def _try(self, trials: NDArray[np.int64]) -> None:
        self._tried.update(_rows(self._of(trials)))

    def _of(self, trials: Sequence[int] | NDArray[np.int64]) -> Array:
        """Features of trials, shape (n, features)."""
        self._encode()
        return self._encoded.values[np.asarray(trials, dtype=np.int64)]

    def _encode(self) -> None:
        """Find the features of all trials since; NaN for those outside the space, which are like none."""
        first = len(self._encoded)
        if first == len(self._points):
            return
        new = self._points.values[first:]
        inside = ~np.isnan(new).any(axis=1)
        features = np.full((len(new), len(self._features.group)), np.nan)
        features[inside] = self._features.of(new[inside])
        self._encoded.extend(features)
        for trial, row in zip(
            (first + np.flatnonzero(inside)).tolist(), _rows(features[inside]), strict=True
        ):
            self._alike.setdefault(row, []).append(trial)


class ExpectedImprovement:
    """The acquisition function over a set of options, as they are chosen one by one.

    tried: as `SurrogateModel.tried` says, shape (n,).
    """

    def __init__(self, posterior: Posterior, best: float, tried: NDArray[np.bool_]) -> None:
        self._posterior, self._best, self.tried = posterior, best, tried

    @classmethod
    def of_all(cls, parts: Sequence[ExpectedImprovement]) -> ExpectedImprovement:
        """Of all the options of several sets, one set after the other, none of them pending."""
        posterior = Posterior.of_all([part._posterior for part in parts])
        return cls(posterior, parts[0]._best, np.concatenate([part.tried for part in parts]))

    def log_values(self) -> Array:
        """The log of the expected improvement on the best result so far, by what will be seen, shape (n,)."""
        return log_expected_improvement(self._posterior.mean, self._posterior.deviation, self._best)

    def nearest(self) -> Array:
        """How far each option is from the nearest trial that is remembered or pending, in lengthscales."""
        return self._posterior.nearest

    def distance(self, option: int) -> Array:
        """How far each is from one of them, in lengthscales: shape (n,)."""
        return self._posterior.distance(option)

    def keep(self, which: NDArray[np.bool_] | NDArray[np.int64]) -> None:
        """Forget the other options; the rest move up."""
        self._posterior.keep(which)
        self.tried = self.tried[which]

    def set_pending(self, option: int) -> None:
        """Count an option as in training from now on."""
        self._posterior.fantasize(option)


def _rows(features: Array) -> Iterable[bytes]:
    """The bytes of each row."""
    width = features.shape[1] * features.itemsize
    if not width:
        return [b""] * len(features)
    return features.view(f"V{width}").ravel().tolist()


def _feasible(trials: NDArray[np.int64], losses: Array) -> NDArray[np.int64]:
    """The trials of results that never became infeasible; where all did, those that were not at first."""
    finite = losses < INFEASIBLE
    stayed = np.setdiff1d(trials[finite], trials[~finite])
    return stayed if len(stayed) else np.unique(trials[finite])
