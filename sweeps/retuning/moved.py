"""What has moved between two sweeps: the order of the earlier best, and where good configs lie."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sweeps.results import SweepResult
from sweeps.space import Choice, Config, Space, Value

_LEAST = 4  # configs from which on an order can be compared
_DRAWS = 1000
_LEVEL = 0.95


@dataclass(frozen=True)
class Agreement:
    """Whether the earlier best stand in the same order on the new data.

    Attributes:
        tau: Kendall's τ, from -1, the reverse order, to 1, the same.
        low, high: Where it lies with 95 % confidence, by a bootstrap over the configs (Efron, 1979); wide,
            since the configs are few.
        configs: How many there are. epochs: After how many epochs they are compared, the same in both.
    """

    tau: float
    low: float
    high: float
    configs: int
    epochs: int


@dataclass(frozen=True)
class Moved:
    """Where good configs lay, and where they lie now.

    Attributes:
        hyperparameter: Its name.
        before, now: The mean in its scale of the earlier best, and of as many of the best now; of an
            unordered choice, the most frequent.
        shift: From the one to the other, in parts of the range; None of an unordered choice.
    """

    hyperparameter: str
    before: Value
    now: Value
    shift: float | None


def agreement(
    old: SweepResult, new: SweepResult, pairs: Sequence[tuple[int, int]], epochs: int
) -> Agreement | None:
    """None where too few have figures.

    Args:
        old, new: The sweeps.
        pairs: A config's trial in the one and in the other.
        epochs: How long all of them were trained at least.
    """
    before = _objectives(old, [trial for trial, _ in pairs], epochs)
    now = _objectives(new, [trial for _, trial in pairs], epochs)
    table = np.array([before, now])
    table = table[:, np.isfinite(table).all(0)]
    count = table.shape[1]
    if count < _LEAST:
        return None
    rng = np.random.default_rng(0)
    draws = [_tau(*table[:, rng.integers(count, size=count)]) for _ in range(_DRAWS)]
    low, high = np.nanquantile([draw for draw in draws if draw == draw] or [0.0], _ends())
    tau = _tau(*table)
    return Agreement(0.0 if tau != tau else tau, float(low), float(high), count, epochs)


def _ends() -> tuple[float, float]:
    return (1 - _LEVEL) / 2, (1 + _LEVEL) / 2


def _tau(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Kendall's τ-b; NaN where one of the orders says nothing.

    >>> _tau(np.array([1., 2., 3.]), np.array([1., 3., 2.]))
    0.3333333333333333
    """
    i, j = np.triu_indices(len(one), 1)
    a, b = np.sign(one[i] - one[j]), np.sign(other[i] - other[j])
    scale = float(np.sqrt((a**2).sum() * (b**2).sum()))
    return float((a * b).sum()) / scale if scale else float("nan")


def _objectives(result: SweepResult, trials: Sequence[int], epochs: int) -> list[float]:
    """The metric of each after so many epochs, the best of them where the sweep goes by the best."""
    spec, rows = result.spec, result.metrics
    if spec["metric"] not in rows:
        return [float("nan")] * len(trials)
    rows = rows[rows["trial"].isin(trials) & (rows["epoch"] <= epochs)].sort_values("epoch")
    groups = rows.groupby("trial")[spec["metric"]]
    best = groups.min() if spec["mode"] == "min" else groups.max()
    found = best if spec.get("objective", "best") == "best" else groups.last()
    return [float(found.get(trial, float("nan"))) for trial in trials]


def moved(space: Space, before: Sequence[Config], now: Sequence[Config]) -> tuple[Moved, ...]:
    """For each searched hyperparameter, the farthest first.

    Args:
        space: That has them.
        before, now: Good configs then and now.
    """
    if not before or not now:
        return ()
    found = [_moved(space, name, before, now) for name in space.searched]
    known = [each for each in found if each is not None]
    return tuple(sorted(known, key=lambda each: -abs(each.shift or 0.0)))


def _moved(space: Space, name: str, before: Sequence[Config], now: Sequence[Config]) -> Moved | None:
    distribution = space.distributions[name]
    values = [[config[name] for config in configs if name in config] for configs in (before, now)]
    if not all(values):
        return None
    if isinstance(distribution, Choice) and not distribution.ordered:
        then, since = (Counter(map(repr, each)).most_common(1)[0][0] for each in values)
        named = {repr(value): value for each in values for value in each}
        return Moved(name, named[then], named[since], None)
    place = space.searched.index(name)
    points = [np.array([space.point(config)[place] for config in configs]) for configs in (before, now)]
    low, high = (float(np.nanmean(each)) for each in points)
    return Moved(name, distribution.from_unit(low), distribution.from_unit(high), high - low)
