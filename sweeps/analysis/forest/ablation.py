"""Which changes lead from the first config to the best one, and what each brings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sweeps.analysis.forest.anova import Array
from sweeps.analysis.forest.trees import Forest, forest_of, inputs_of
from sweeps.analysis.search import once
from sweeps.analysis.wording import Answer, and_list, percent
from sweeps.errors import in_words
from sweeps.results.result import SweepResult
from sweeps.space import Value

_NAMED = 3  # changes in the words
_MOST = 0.5  # of what the whole way brings: so much together is most of it
_WORTH = 0.1  # of what the whole way brings: less is not named


@dataclass(frozen=True)
class Ablation(Answer):
    """The way from one config to a better one, a hyperparameter at a time, by a forest's predictions.

    Attributes:
        table: One row a change, in order: `hyperparameter`; `before`, `after`, None where it is inactive or
            null; `objective` predicted with this change and those before it; `share` of the score that the
            whole way brings, negative where the change alone makes it worse; `spread`, its standard deviation
            over trees.
        start, end: The trials' numbers; None where there are no two to compare.
        begins, ends: What is predicted of them. sure: Whether the forest predicts well.
        metric: Of the objective.
    """

    table: pd.DataFrame
    start: int | None
    end: int | None
    begins: float
    ends: float
    sure: bool
    metric: str

    @property
    def words(self) -> str:
        """Which changes brought most."""
        if self.start is None:
            return "There are no two configs, a first and a better one, of which a forest could tell the way."
        top = self.table[self.table["share"] >= _WORTH]
        top = top.sort_values("share", ascending=False, kind="stable").head(_NAMED)
        way = f"From the first config (trial {self.start}) to the best of the search (trial {self.end})"
        if top.empty:
            return f"{way}, no single change stands out."
        rows = zip(top["hyperparameter"], top["share"], top["spread"], strict=True)
        named = and_list(
            [
                f"{in_words(name, most=40)} ({percent(share)} ± {percent(spread)})"
                for name, share, spread in rows
            ]
        )
        sure = self.sure and bool((top["share"] > top["spread"]).all())
        part = "most" if top["share"].sum() > _MOST else "the largest parts"
        verb = f"{'brought' if sure else 'may have brought'} {part} of what was gained"
        return f"{way}, a change of {named} {verb}, as a forest of the trials predicts it."


@once
def ablation(result: SweepResult, seed: int = 0, most: int = 3000) -> Ablation:
    """What each change brought on the way from the first config that was trained to the best of the search.

    Of the hyperparameters that differ, the one whose change brings the most is changed first, then the best
    of the rest, and so on (Fawcett & Hoos, 2016, "Analysing differences between algorithm configurations
    through ablation"), by a forest's predictions instead of training (Biedenkapp, Lindauer, Eggensperger,
    Hutter, Fawcett & Hoos, 2017, "Efficient parameter importance analysis via ablation with surrogates").
    What a change brings depends on those before it. The forest is that of `importance`.

    Args:
        result: The sweep.
        seed: Of the forest.
        most: Trials to learn from; of more, so many are drawn at random.

    Raises:
        BadInput: scikit-learn is not installed.
    """
    forest = forest_of(result, seed, most)
    search = forest.search
    trained = np.flatnonzero(search.trained > 0)
    if not forest.useful or not len(trained) or trained[0] == search.ranking[0]:
        return Ablation(_NOTHING, None, None, np.nan, np.nan, False, search.metric)
    places = np.array([trained[0], search.ranking[0]])
    source, target = inputs_of(search, places)
    order, scores = _path(forest, source, target)
    before, after = search.configs(places)
    names = [list(search.space.searched)[j] for j in order]
    begins, *objectives = forest.objectives(scores.mean(axis=1)).tolist()
    shares, spread = _shares(scores)
    table = pd.DataFrame(
        {
            "hyperparameter": pd.Series(names, dtype="str"),
            "before": _values(before, names),
            "after": _values(after, names),
            "objective": pd.Series(objectives, dtype=float),
            "share": shares,
            "spread": spread,
        }
    )
    start, end = (int(search.number[place]) for place in places)
    return Ablation(table, start, end, begins, [begins, *objectives][-1], forest.sure, search.metric)


def _path(forest: Forest, source: Array, target: Array) -> tuple[list[int], Array]:
    """Which coordinates change, in order, and each tree's scores on the way: shape (steps + 1, trees)."""
    here, left, order = source.copy(), np.flatnonzero(source != target).tolist(), []
    scores = [forest.predictions(here[None])[:, 0]]
    while left:
        candidates = np.tile(here, (len(left), 1))
        candidates[np.arange(len(left)), left] = target[left]
        found = forest.predictions(candidates)
        best = int(found.mean(axis=0).argmin())
        here = candidates[best]
        scores.append(found[:, best])
        order.append(left.pop(best))
    return order, np.array(scores)


def _shares(scores: Array) -> tuple[Array, Array]:
    """Of the whole mean gain, what each step brings, and its standard deviation over trees."""
    gains = -np.diff(scores, axis=0)
    whole = float(gains.mean(axis=1).sum())
    if whole <= 0:  # the forest does not see that the best is better
        return np.zeros(len(gains)), np.zeros(len(gains))
    return gains.mean(axis=1) / whole, gains.std(axis=1) / whole


def _values(config: dict[str, Value], names: list[str]) -> pd.Series[Any]:
    return pd.Series([config.get(name) for name in names], dtype="object")


_NOTHING = pd.DataFrame(columns=["hyperparameter", "before", "after", "objective", "share", "spread"])
