"""The trials of a search as arrays, which all questions about a sweep start from."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property, wraps
from inspect import signature
from typing import Any, Concatenate, ParamSpec, TypeAlias, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sweeps.objective import new_objective
from sweeps.results.configs import config_of
from sweeps.results.result import SweepResult
from sweeps.space import Config, Numeric, Space
from sweeps.spec.objective import ObjectiveRule, as_objective
from sweeps.store.tables.schema import CONFIG
from sweeps.trial import Mode, Status

Array: TypeAlias = NDArray[np.float64]
Indices: TypeAlias = NDArray[np.int64]
P = ParamSpec("P")
T = TypeVar("T")

LOST = (Status.INFEASIBLE, Status.FAILED)


@dataclass(frozen=True)
class Search:
    """The trials of a search, the finalists' repeats left aside; arrays are of shape (trials,).

    Attributes:
        name, metric, mode, rule, epochs: Of the sweep, as its spec says them.
        space: What was searched: as the spec says, and as wide as the trials reach where ranges have grown.
        number: The trials' own numbers. status: What the table says of each.
        loss: The objective, its sign turned where more is better, so that less is better here; infinite for
            a trial that diverged or failed, NaN where there is no objective yet.
        best_epoch: The epoch that the objective is from; NaN where there is none.
        trained: Epochs behind each trial. seconds: That it trained.
        frame: The rows of the trials table.
    """

    name: str
    metric: str
    mode: Mode
    rule: ObjectiveRule
    epochs: int
    space: Space
    number: Indices
    status: NDArray[np.str_]
    loss: Array
    best_epoch: Array
    trained: Indices
    seconds: Array
    frame: pd.DataFrame = field(repr=False)

    def __len__(self) -> int:
        return len(self.number)

    @property
    def sign(self) -> int:
        """What turns a loss into an objective again."""
        return 1 if self.mode == "min" else -1

    @cached_property
    def finite(self) -> NDArray[np.bool_]:
        """Which trials have an objective."""
        return np.isfinite(self.loss)

    @cached_property
    def lost(self) -> NDArray[np.bool_]:
        """Which trials diverged or failed."""
        return np.isin(self.status, LOST)

    @cached_property
    def complete(self) -> NDArray[np.bool_]:
        """Which trials have trained to their end, and have an objective."""
        measured = (self.status == Status.MEASURED) & (self.trained >= self.epochs)
        return np.asarray(self.finite & (measured | (self.status == Status.COMPLETED)))

    @cached_property
    def since_complete(self) -> Indices:
        """Places of the trials that began after the last one that has trained to its end."""
        complete = np.flatnonzero(self.complete)
        own = self.status != Status.MEASURED
        return np.flatnonzero(own & (np.arange(len(self)) > (complete[-1] if len(complete) else -1)))

    @cached_property
    def ranking(self) -> Indices:
        """Places of the trials with an objective, the best first, as `standing` orders them."""
        behind = ~self.complete if self.rule.kind != "best" else np.zeros(len(self), dtype=bool)
        order = np.lexsort((self.number, self.loss, behind))
        return np.asarray(order[self.finite[order]], dtype=np.int64)

    def configs(self, places: Indices) -> list[Config]:
        """The configs of the trials at these places."""
        if "config" in self.frame:
            return [json.loads(text) for text in self.frame["config"].to_numpy()[places]]
        return [config_of(self.frame.iloc[place]) for place in places.tolist()]

    def points(self, places: Indices) -> Array:
        """Unit coordinates of the trials at these places: shape (places, searched hyperparameters).

        NaN where a hyperparameter is inactive, or has a value that the space knows nothing of.
        """
        kinds = [(name, self.space.distributions[name]) for name in self.space.searched]
        rows = [
            [kind.to_unit(c[name]) if name in c and c[name] in kind else np.nan for name, kind in kinds]
            for c in self.configs(places)
        ]
        return np.array(rows, dtype=np.float64).reshape(len(places), len(kinds))


def once(answer: Callable[Concatenate[SweepResult, P], T]) -> Callable[Concatenate[SweepResult, P], T]:
    """A question that is answered once for each result, whose tables are read once, too."""
    kept: WeakKeyDictionary[SweepResult, dict[Any, T]] = WeakKeyDictionary()
    asked_for = signature(answer)

    @wraps(answer)
    def known(result: SweepResult, /, *args: P.args, **kwargs: P.kwargs) -> T:
        answers = kept.setdefault(result, {})
        given = asked_for.bind(result, *args, **kwargs)
        given.apply_defaults()
        asked = given.args[1:]
        if asked not in answers:
            answers[asked] = answer(result, *args, **kwargs)
        return answers[asked]

    return known


@once
def search_of(result: SweepResult) -> Search:
    """The trials of a sweep's search, as its tables are now.

    Raises:
        BadInput: The folder's spec or tables are damaged, or of a space that this version cannot read.
    """
    spec, frame = result.spec, result.trials
    frame = frame[frame["repeats"].isna()].reset_index(drop=True)
    status = frame["status"].to_numpy(str) if len(frame) else np.empty(0, dtype="<U12")
    sign = 1 if spec["mode"] == "min" else -1
    loss = sign * frame["objective"].to_numpy(float)
    return Search(
        name=spec["name"],
        metric=spec["metric"],
        mode=spec["mode"],
        rule=as_objective(spec.get("objective", "best")),
        epochs=int(spec.get("epochs", 1)),
        space=_as_wide_as(result.space, frame),
        number=frame["trial"].to_numpy(np.int64),
        status=status,
        loss=np.where(np.isin(status, LOST), np.inf, loss),
        best_epoch=frame["best_epoch"].to_numpy(float, na_value=np.nan),
        trained=frame["epochs"].to_numpy(np.int64),
        seconds=_column(frame, "seconds"),
        frame=frame,
    )


def curves_of(result: SweepResult, search: Search, places: Indices, metric: str | None = None) -> Array:
    """A metric of the trials at these places by epoch: shape (places, epochs), NaN where it was not reported.

    The sweep's own metric by default; its sign is turned where more is better, as that of the losses.
    """
    name = metric or search.metric
    rows = result.metrics
    found = np.full((len(places), max(1, search.epochs)), np.nan)
    if name not in rows or not len(places):
        return found
    rows = rows[rows["trial"].isin(search.number[places])]
    width = int(rows["epoch"].max()) if len(rows) else 1
    found = np.full((len(places), max(found.shape[1], width)), np.nan)
    order = np.argsort(search.number[places], kind="stable")
    at = order[np.searchsorted(search.number[places][order], rows["trial"].to_numpy())]
    found[at, rows["epoch"].to_numpy() - 1] = rows[name].to_numpy(float)
    return found * search.sign if name == search.metric else found


def objectives(curves: Array, rule: ObjectiveRule) -> Array:
    """The objective after each epoch, of curves in which less is better; both of shape (trials, epochs).

    Example:
        >>> objectives(np.array([[3.0, 1.0, 2.0]]), ObjectiveRule("best"))
        array([[3., 1., 1.]])
    """
    usable = np.where(np.isfinite(curves), curves, np.nan)
    if rule.kind == "best":
        return np.fmin.accumulate(usable, axis=1)
    return np.array([_one(row, rule) for row in usable]).reshape(usable.shape)


def sampled(places: Indices, most: int, seed: int = 0) -> Indices:
    """These places, or so many of them, drawn at random and in order."""
    if len(places) <= most:
        return places
    return np.sort(np.random.default_rng(seed).choice(places, most, replace=False))


def _one(row: Array, rule: ObjectiveRule) -> list[float]:
    objective, found = new_objective(rule, "min"), []
    for epoch, value in enumerate(row.tolist(), 1):
        objective.add(epoch, value)
        found.append(np.nan if objective.value is None else objective.value)
    return found


def _as_wide_as(space: Space, frame: pd.DataFrame) -> Space:
    """The space with ranges that hold every value tried; where `extend` let them grow, the spec does not."""
    wide = {name: _wide(kind, frame.get(CONFIG + name)) for name, kind in space.distributions.items()}
    changed = any(wide[name] is not kind for name, kind in space.distributions.items())
    return Space(wide) if changed else space


def _wide(kind: Any, values: pd.Series[Any] | None) -> Any:
    if not isinstance(kind, Numeric) or values is None or not pd.api.types.is_numeric_dtype(values):
        return kind
    least, most = values.min(), values.max()
    if pd.isna(least) or (least >= kind.low and most <= kind.high):
        return kind
    ends: dict[str, Any] = {"low": min(kind.low, least), "high": max(kind.high, most)}
    own: Any = int if kind.integer else float
    wide: dict[str, Any] = {end: own(value) for end, value in ends.items()}
    return replace(kind, **wide)


def _column(frame: pd.DataFrame, name: str) -> Array:
    return frame[name].to_numpy(float) if name in frame else np.full(len(frame), np.nan)
