"""Which hyperparameters matter, and which of them only together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sweeps.analysis.forest.anova import Array, Shares, boxes_of, shares
from sweeps.analysis.forest.trees import LEAST_TRIALS, LOW_R2, forest_of, grow, normal_scores
from sweeps.analysis.search import once
from sweeps.analysis.wording import Answer, and_list, count, percent
from sweeps.results.result import SweepResult

__all__ = ["Importance", "forest_shares", "importance", "normal_scores"]

_WORTH_SAYING = 0.05  # the least share of a pair that the words name


@dataclass(frozen=True)
class Importance(Answer):
    """How the variance of the objective is shared among the hyperparameters.

    Attributes:
        table: One row a searched hyperparameter, the most important first: `hyperparameter`; `share`, what it
            explains alone; `total`, with all its interactions; `spread`, the standard deviation of the share
            over trees.
        pairs: One row a pair, the strongest first: `first`, `second`, `share`, `spread` of what only the
            two together explain.
        r2: How much of the variance the forest predicts for trials that a tree has not seen (out of bag);
            None where there are too few trials to ask.
        trials: From how many trials. of: Of how many that there are.
    """

    table: pd.DataFrame
    pairs: pd.DataFrame
    r2: float | None
    trials: int
    of: int

    @property
    def sure(self) -> bool:
        """Whether the forest predicts well enough for its shares to mean something."""
        return self.r2 is not None and self.r2 >= LOW_R2

    @property
    def words(self) -> str:
        """What matters, what hardly does, and how far to trust it."""
        if self.r2 is None:
            return (
                f"Too few trials to tell which hyperparameters matter: {count(self.of, 'has', 'have')} an "
                f"objective, and {LEAST_TRIALS} are needed."
            )
        if not len(self.table):
            return "Nothing is searched, so nothing can matter."
        if self.r2 <= 0:
            return (
                f"Which hyperparameters matter cannot be told: a forest over {self.trials:,} trials predicts "
                "none of the differences between trials that it has not seen."
            )
        together = self._together() if self.sure else []
        return " ".join([self._what_matters(), *together, self._trust()])

    def _what_matters(self) -> str:
        top = self.table[self.table["total"] >= 0.1].head(3)
        if top.empty:
            return "No hyperparameter explains much of the differences between trials."
        rows = zip(top["hyperparameter"], top["share"], top["spread"], strict=True)
        named = and_list([f"{name} ({percent(share)} ± {percent(spread)})" for name, share, spread in rows])
        idle = self.table[self.table["total"] < 0.03]["hyperparameter"].tolist()
        rest = f"; {and_list(idle)} hardly {'matters' if len(idle) == 1 else 'matter'}" if idle else ""
        sure = self.sure and (top["share"] > top["spread"]).any()
        verb = ("matters" if len(top) == 1 else "matter") if sure else "may matter"
        return f"{named} {verb} most: the share of the objective's variance that each explains alone{rest}."

    def _together(self) -> list[str]:
        strong = self.pairs[
            (self.pairs["share"] >= _WORTH_SAYING) & (self.pairs["share"] > self.pairs["spread"])
        ]
        if strong.empty:
            return []
        first = strong.iloc[0]
        return [
            f"{first['first']} and {first['second']} act together: {percent(first['share'])} more is "
            "explained only by the two at once, so tune them together."
        ]

    def _trust(self) -> str:
        seen = f" of {self.of:,}, drawn at random" if self.trials < self.of else ""
        basis = (
            f"by a forest over {self.trials:,} trials{seen} that predicts {percent(max(self.r2 or 0.0, 0.0))}"
        )
        if self.sure:
            return f"Found {basis} of the differences between trials that it has not seen."
        return (
            f"Be careful: found {basis} of the differences between trials that it has not seen, so the order "
            "may be chance."
        )


@once
def importance(result: SweepResult, seed: int = 0, most: int = 3000) -> Importance:
    """Which hyperparameters matter, and which pairs interact.

    Answers the playbook's question which hyperparameters are worth tuning further, and which are nuisance
    (Godbole et al., 2023, Deep Learning Tuning Playbook, "Identifying scientific, nuisance, and fixed
    hyperparameters"). Method: a functional analysis of variance of a random forest; see `anova`.

    Each hyperparameter is taken in its own scale, uniform between its ends, a choice as the place of its
    value. Objectives become normal scores of their ranks, trials that diverged or failed all tied in the last
    place: so a single diverged value does not rule, and the units of the objective do not matter. A trial
    that was stopped early counts by the objective that it had then: by how soon it is good, as the search
    saw it. A conditional hyperparameter stands in the middle of its range where it is inactive.

    Args:
        result: The sweep.
        seed: Of the forest.
        most: Trials to learn from; of more, so many are drawn at random.

    Raises:
        BadInput: scikit-learn is not installed.
    """
    forest = forest_of(result, seed, most)
    names = list(forest.search.space.searched)
    if forest.r2 is None:
        return Importance(_table(names, []), _pairs(names, []), None, forest.of, forest.of)
    found = _shares(forest.model)
    return Importance(_table(names, found), _pairs(names, found), forest.r2, len(forest.places), forest.of)


def forest_shares(inputs: Array, values: Array, seed: int = 0) -> tuple[list[Shares], float]:
    """Each tree's shares, and the out-of-bag R² of the forest.

    inputs: in the unit cube, shape (n, dimensions). values: shape (n,).
    """
    forest, r2 = grow(inputs, values, seed)
    return _shares(forest), r2


def _shares(forest: Any) -> list[Shares]:
    trees = [shares(boxes_of(tree.tree_)) for tree in forest.estimators_] if forest is not None else []
    return [tree for tree in trees if tree is not None]


def _table(names: list[str], found: list[Shares]) -> pd.DataFrame:
    main = np.array([tree.main for tree in found]).reshape(len(found), len(names))
    total = np.array([tree.total for tree in found]).reshape(len(found), len(names))
    columns = {"share": _mean(main), "total": _mean(total), "spread": _deviation(main)}
    table = pd.DataFrame({"hyperparameter": pd.Series(names, dtype="str"), **columns})
    return table.sort_values("total", ascending=False, ignore_index=True, kind="stable")


def _pairs(names: list[str], found: list[Shares]) -> pd.DataFrame:
    rows, columns = np.triu_indices(len(names), 1)
    each = np.array([tree.pairs[rows, columns] for tree in found]).reshape(len(found), len(rows))
    table = pd.DataFrame(
        {
            "first": pd.Series([names[i] for i in rows], dtype="str"),
            "second": pd.Series([names[j] for j in columns], dtype="str"),
            "share": _mean(each),
            "spread": _deviation(each),
        }
    )
    return table.sort_values("share", ascending=False, ignore_index=True, kind="stable")


def _mean(each: Array) -> Array:
    return np.asarray(each.mean(axis=0)) if len(each) else np.zeros(each.shape[1])


def _deviation(each: Array) -> Array:
    return np.asarray(each.std(axis=0)) if len(each) else np.zeros(each.shape[1])
