"""What each hyperparameter does on average over all the others, and what the strongest pair does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sweeps.analysis.forest.anova import Array, Boxes
from sweeps.analysis.forest.importance import importance
from sweeps.analysis.forest.trees import Forest, forest_of
from sweeps.analysis.search import once
from sweeps.analysis.wording import Answer, and_list
from sweeps.errors import in_words
from sweeps.results.result import SweepResult
from sweeps.screen.figures import show_number, show_value
from sweeps.space import Choice, Distribution, Value

_POINTS = 41  # along a range
_SIDE = 25  # of a pair's grid
_NAMED = 3  # hyperparameters in the words
_CLEAR = 1.0  # standard deviations over trees between best and worst: less is not named


@dataclass(frozen=True)
class Effects(Answer):
    """Partial dependence of the objective, by a forest.

    Attributes:
        table: Long, the most important hyperparameter first, each from its low end up: `hyperparameter`;
            `value`; `objective`, the average over all others; `low`, `high`, one standard deviation over
            trees on either side, the smaller first; `score`, the average as a normal score of ranks (less
            is better), and `spread`, its standard deviation.
        pair: The two that act together most, with the axes' values `first`, `second` and the average `score`,
            a row a point of the grid; empty where nothing is searched or predicted. names: Theirs.
        sure: Whether the forest predicts well enough to be believed.
        metric: Of the objective.
    """

    table: pd.DataFrame
    pair: pd.DataFrame
    names: tuple[str, ...]
    sure: bool
    metric: str

    @property
    def words(self) -> str:
        """Where each of the most important is best on average, and how much that brings."""
        if self.table.empty:
            return (
                "What hyperparameters do on average cannot be told: a forest of the trials predicts nothing."
            )
        said = [self._one(rows) for _, rows in self.table.groupby("hyperparameter", sort=False)]
        clear = [text for text in said if text][:_NAMED]
        if not clear:
            return "On average over all others, no hyperparameter is clearly better at one value."
        start = "On" if self.sure else "Be careful, the forest predicts little: on"
        metric = in_words(self.metric, most=60)
        return f"{start} average over all others, {metric} is best with {and_list(clear)}."

    def _one(self, rows: pd.DataFrame) -> str:
        scores = rows["score"].to_numpy()
        best, worst = rows.iloc[int(scores.argmin())], rows.iloc[int(scores.argmax())]
        noise = float(np.hypot(best["spread"], worst["spread"]))
        if worst["score"] - best["score"] <= _CLEAR * noise:
            return ""
        there, elsewhere = (show_number(float(row["objective"])) for row in (best, worst))
        name = in_words(best["hyperparameter"], most=40)
        return f"{name} {_shown(best['value'])} ({there}, at the worst value {elsewhere})"


@once
def effects(result: SweepResult, seed: int = 0, most: int = 3000) -> Effects:
    """Which values of each hyperparameter are better, whatever the others are.

    Partial dependence (Friedman, 2001, "Greedy function approximation: a gradient boosting machine"), of the
    forest that `importance` grows, exactly, as a sum over the leaves of its trees (Hutter, Hoos &
    Leyton-Brown, 2014). The average is over the whole searched space, most of which may be poor: what is best
    near the best config can be elsewhere. It is an average of ranks, told as the objective of a trial that
    stands there. How uncertain it is comes from the trees.

    Args:
        result: The sweep.
        seed: Of the forest.
        most: Trials to learn from; of more, so many are drawn at random.

    Raises:
        BadInput: scikit-learn is not installed.
    """
    forest = forest_of(result, seed, most)
    space, metric = forest.search.space, forest.search.metric
    names = list(space.searched)
    if not forest.useful:
        return Effects(_NOTHING, pd.DataFrame(columns=["first", "second", "score"]), (), False, metric)
    matter, boxes = importance(result, seed, most), forest.boxes()
    rows = [
        _along(forest, boxes, name, names.index(name), space.distributions[name])
        for name in matter.table["hyperparameter"]
    ]
    pair = tuple(matter.pairs[["first", "second"]].iloc[0]) if len(matter.pairs) else ()
    return Effects(pd.concat(rows, ignore_index=True), _over(forest, boxes, pair), pair, forest.sure, metric)


def marginal(boxes: Boxes, dimensions: tuple[int, ...], points: Array) -> Array:
    """The mean of a tree over the unit cube where these dimensions are held at points.

    points: shape (n, dimensions held). Returns: shape (n,). With leaves l of values v and lengths w it is
    Σ_l v_l 1[the point is in l] Π_{j not held} w_lj.
    """
    width = boxes.high - boxes.low
    weight = boxes.value * np.delete(width, dimensions, axis=1).prod(axis=1)
    inside = np.ones((len(points), len(weight)), dtype=bool)
    for k, j in enumerate(dimensions):
        at = points[:, k, None]
        first = (at == 0) & (boxes.low[:, j] == 0)  # a leaf has its high end, and the first its low one too
        inside &= ((at > boxes.low[:, j]) & (at <= boxes.high[:, j])) | first
    return np.asarray(inside @ weight)


def _along(forest: Forest, boxes: list[Boxes], name: str, j: int, kind: Distribution) -> pd.DataFrame:
    units, values = _grid(kind, _POINTS)
    each = np.array([marginal(tree, (j,), units[:, None]) for tree in boxes])
    score, spread = each.mean(axis=0), each.std(axis=0)
    ends = np.sort([forest.objectives(score - spread), forest.objectives(score + spread)], axis=0)
    return pd.DataFrame(
        {
            "hyperparameter": pd.Series([name] * len(values), dtype="str"),
            "value": pd.Series(values, dtype="object"),
            "objective": forest.objectives(score),
            "low": ends[0],
            "high": ends[1],
            "score": score,
            "spread": spread,
        }
    )


def _over(forest: Forest, boxes: list[Boxes], pair: tuple[str, ...]) -> pd.DataFrame:
    if not pair:
        return pd.DataFrame(columns=["first", "second", "score"])
    space = forest.search.space
    held = tuple(list(space.searched).index(name) for name in pair)
    (a, first), (b, second) = (_grid(space.distributions[name], _SIDE) for name in pair)
    points = np.column_stack([np.repeat(a, len(b)), np.tile(b, len(a))])
    score = np.mean([marginal(tree, held, points) for tree in boxes], axis=0)
    columns = [value for value in first for _ in second], [*second] * len(first)
    return pd.DataFrame(
        {
            "first": pd.Series(columns[0], dtype="object"),
            "second": pd.Series(columns[1], dtype="object"),
            "score": score,
        }
    )


def _grid(kind: Distribution, most: int) -> tuple[Array, list[Value]]:
    """Unit coordinates from the low end to the high one, and the values there; of few values, each once."""
    if isinstance(kind, Choice):
        values: list[Value] = list(kind.values)
    else:
        values = list(dict.fromkeys(kind.from_unit(float(unit)) for unit in np.linspace(0, 1, most)))
    return np.array([kind.to_unit(value) for value in values]), values


def _shown(value: Value) -> str:
    return show_value(value) if isinstance(value, float) else in_words(value, most=30)


_NOTHING = pd.DataFrame(columns=["hyperparameter", "value", "objective", "low", "high", "score", "spread"])
