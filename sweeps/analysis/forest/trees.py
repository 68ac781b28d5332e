"""A random forest of a sweep's trials, from which several questions are answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sweeps.analysis.forest.anova import Array, Boxes, boxes_of
from sweeps.analysis.search import Indices, Search, once, sampled, search_of
from sweeps.integrations import needed
from sweeps.results.result import SweepResult

LEAST_TRIALS = 10  # of fewer, a forest has nothing to learn
LOW_R2 = 0.3  # predicting less, it is not to be trusted
_TREES, _LEAVES = 64, 128
_INACTIVE = 0.5  # where a conditional hyperparameter has no value; its parent tells the configs apart


@dataclass(frozen=True)
class Forest:
    """What a forest has learned of a sweep's trials, as normal scores of their ranks.

    Attributes:
        search: The trials. places: Of those that it learned from. of: How many there are to learn from.
        model: Scikit-learn's forest; None where there are too few trials, or all are alike.
        r2: How much of the variance it predicts for trials that a tree has not seen; None for too few.
        scores, losses: Of the trials with an objective that it learned from, the best first.
    """

    search: Search
    places: Indices
    of: int
    model: Any
    r2: float | None
    scores: Array
    losses: Array

    @property
    def useful(self) -> bool:
        """Whether it predicts anything."""
        return self.model is not None and self.r2 is not None and self.r2 > 0

    @property
    def sure(self) -> bool:
        """Whether it predicts well enough for what it says to mean something."""
        return self.r2 is not None and self.r2 >= LOW_R2

    def boxes(self) -> list[Boxes]:
        """Each tree's."""
        return [boxes_of(tree.tree_) for tree in self.model.estimators_]

    def predictions(self, inputs: Array) -> Array:
        """Each tree's scores of points of the unit cube: shape (trees, points)."""
        return np.array([tree.predict(inputs) for tree in self.model.estimators_])

    def objectives(self, scores: Array) -> Array:
        """The objectives of trials that stand where these scores do."""
        return np.asarray(self.search.sign * np.interp(scores, self.scores, self.losses))


@once
def forest_of(result: SweepResult, seed: int = 0, most: int = 3000) -> Forest:
    """A forest of the trials' objectives over their configs.

    Each hyperparameter is taken in its own scale, uniform between its ends, a choice as the place of its
    value. Trials that diverged or failed are all tied in the last place.

    Args:
        result: The sweep.
        seed: Of the forest.
        most: Trials to learn from; of more, so many are drawn at random.

    Raises:
        BadInput: scikit-learn is not installed.
    """
    search = search_of(result)
    able = np.flatnonzero(search.finite | search.lost)
    results = int(search.finite.sum())
    nothing = np.empty(0)
    if results < LEAST_TRIALS:
        return Forest(search, able, results, None, None, nothing, nothing)
    places = sampled(able, most, seed)
    losses, scores = search.loss[places], normal_scores(search.loss[places])
    model, r2 = grow(inputs_of(search, places), scores, seed)
    order = np.argsort(losses, kind="stable")
    order = order[np.isfinite(losses[order])]
    return Forest(search, places, len(able), model, r2, scores[order], losses[order])


def grow(inputs: Array, values: Array, seed: int = 0) -> tuple[Any, float]:
    """A forest and its out-of-bag R²; no forest where the values or inputs tell nothing apart."""
    if not inputs.shape[1] or not values.std():
        return None, 0.0
    ensemble = needed("sklearn.ensemble", '"caviar-sweeps[report]"')
    forest = ensemble.RandomForestRegressor(
        n_estimators=_TREES,
        max_leaf_nodes=_LEAVES,
        min_samples_leaf=2,
        max_features=0.7,
        bootstrap=True,
        random_state=seed,
    ).fit(inputs, values)
    return forest, _out_of_bag(forest, inputs, values)


def inputs_of(search: Search, places: Indices) -> Array:
    """What the forest is told of trials: unit coordinates, and the middle where one is inactive."""
    points = search.points(places)
    return np.where(np.isnan(points), _INACTIVE, points)


def normal_scores(losses: Array) -> Array:
    """Ranks of losses as quantiles of the normal distribution (Blom's), ties at their mean rank."""
    from scipy.special import ndtri
    from scipy.stats import rankdata

    return np.asarray(ndtri((rankdata(losses) - 0.375) / (len(losses) + 0.25)))


def _out_of_bag(forest: Any, inputs: Array, values: Array) -> float:
    """R² of the mean over the trees whose bootstrap sample lacks a trial, for trials that some tree lacks."""
    total, seen = np.zeros(len(values)), np.zeros(len(values))
    for tree, drawn in zip(forest.estimators_, forest.estimators_samples_, strict=True):
        out = np.ones(len(values), dtype=bool)
        out[drawn] = False
        total[out] += tree.predict(inputs[out])
        seen += out
    known = seen > 0
    errors = values[known] - total[known] / seen[known]
    return 1 - float((errors**2).mean()) / float(values[known].var())
