"""What a sweep has come to, as typed values that the screen, JSON and pages share."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from sweeps.errors import BadInput
from sweeps.results.best import Best
from sweeps.results.learned import LearnedFrom
from sweeps.results.result import SweepResult
from sweeps.results.schedule import has_schedule
from sweeps.results.state import State, state_of
from sweeps.schedulers import is_panda, is_population
from sweeps.space import Config, Space
from sweeps.spec.objective import ObjectiveRule, as_objective
from sweeps.store.tables.schema import CONFIG
from sweeps.trial import Mode, Status


@dataclass(frozen=True)
class EpochCounts:
    """How many epochs were trained in the search, and how many for the finalists on fresh seeds."""

    search: int
    finalists: int


@dataclass(frozen=True)
class BestSummary:
    """A config and what it gives; see `Best`, whose fields these are."""

    trial: int
    config: Config
    objective: float
    epoch: int | None
    metrics: Mapping[str, float]
    seeds: int
    spreads: Mapping[str, float]


@dataclass(frozen=True)
class FinalistSummary:
    """A finalist over its fresh seeds; None where there is no number yet. See `finalists` for the rest."""

    trial: int
    objective: float
    mean: float | None
    spread: float | None
    n: int
    failed: int
    tied: bool
    unsettled: bool

    @property
    def verdict(self) -> str:
        """How it stands beside the winner, in words; "" where it is worse or not over."""
        if self.unsettled:
            return "worse, but too noisy to be sure"
        return (
            "tied with the winner"
            if self.tied
            else f"{self.failed} of {self.seeds} diverged or failed"
            if self.failed
            else ""
        )

    @property
    def seeds(self) -> int:
        """How many of its repeats are over."""
        return self.n + self.failed


@dataclass(frozen=True)
class RegionSummary:
    """Where a round drew a hyperparameter from, and why. low, high: None for an unordered choice."""

    round: int
    hyperparameter: str
    scale: str | None
    low: float | None
    high: float | None
    elites: int
    reason: str


@dataclass(frozen=True)
class Summary:
    """A sweep at the time its tables were read.

    Attributes:
        directory: the run folder, absolute. name: of the sweep. metric, mode: what trials are compared by.
        objective: how a trial's epochs make its objective.
        trials: how many were asked for. status: how many trials of the search have each status.
        configs: how many distinct configs the space has; None if more than can be tried.
        configs_tried: how many distinct ones the search has begun.
        epochs: trained here so far. repeats: how many repeats of finalists have begun.
        ended_by: the limit that ended the search, in words; None where none did.
        first_error: of the first trial that has one, but for those that a limit or the user stopped.
        finalists: the best first.
        best: the config to take, if any trial has an objective. best_of_search: repeats left aside.
        rounds: the regions of every round.
        state: whether it runs, has ended or has died.
        data: what was understood of the data, in lines. baselines: metrics of models that are no trials, such
            as "linear" and "constant", by name.
        learned_from: the earlier sweeps that the search has learned from.
        saved: whether the winner is there as a model that predicts.
        by_schedule: whether the best model was trained with other configs before; see `schedule_of`.
    """

    directory: Path
    name: str
    metric: str
    mode: Mode
    objective: ObjectiveRule
    trials: int
    status: Mapping[str, int]
    configs: int | None
    configs_tried: int
    epochs: EpochCounts
    repeats: int
    ended_by: str | None
    first_error: str | None
    finalists: tuple[FinalistSummary, ...]
    best: BestSummary | None
    best_of_search: BestSummary | None
    rounds: tuple[RegionSummary, ...]
    state: State
    data: tuple[str, ...] = ()
    baselines: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    saved: bool = False
    by_schedule: bool = False
    learned_from: tuple[LearnedFrom, ...] = ()

    @property
    def begun(self) -> int:
        """How many trials of the search have begun; those measured elsewhere never do."""
        return sum(count for status, count in self.status.items() if status != Status.MEASURED)

    @property
    def exhausted(self) -> bool:
        """Whether every config of the space has been tried."""
        return self.configs is not None and self.configs_tried >= self.configs

    def to_json(self) -> dict[str, Any]:
        """The same as plain JSON values; what is not finite becomes None."""
        plain: dict[str, Any] = as_json(self)
        return plain


def summarize(result: SweepResult) -> Summary:
    """The summary of a sweep, be it over or not.

    Raises:
        BadInput: a table is damaged or missing.
    """
    spec, trials = result.spec, result.tables.outcomes
    search = trials[trials["repeats"].isna()]
    by_hand = is_panda(str(spec.get("scheduler")))  # as many trials as a person makes
    as_many = by_hand or is_population(str(spec.get("scheduler")))
    trained = _own_epochs(search)[search["status"] != Status.MEASURED]
    return Summary(
        directory=result.path,
        name=spec["name"],
        metric=spec["metric"],
        mode=spec["mode"],
        objective=as_objective(spec.get("objective", "best")),
        trials=max(len(search), 1 if by_hand else spec["trials"]) if as_many else spec["trials"],
        status={str(name): int(n) for name, n in search["status"].value_counts().items()},
        configs=None if as_many else _space_size(spec),
        configs_tried=_distinct(result.tables.texts),
        epochs=EpochCounts(int(trained.sum()), int(trials["epochs"].sum() - search["epochs"].sum())),
        repeats=len(trials) - len(search),
        ended_by=result.ended_by,
        first_error=_first_error(result.tables.texts),
        finalists=tuple(FinalistSummary(**row) for row in _rows(result.finalists)),
        best=_best(result.best),
        best_of_search=_best(result.best_of_search),
        rounds=tuple(_region(row) for row in _rows(result.rounds)),
        data=result.described.lines,
        baselines=result.described.baselines,
        saved=(result.path / "best" / "model.json").is_file(),
        by_schedule=result.best is not None and has_schedule(result, result.best.trial),
        state=state_of(result.path),
        learned_from=result.learned_from,
    )


def _region(row: Mapping[str, Any]) -> RegionSummary:
    known: dict[str, Any] = {field.name: row.get(field.name) for field in fields(RegionSummary)}
    return RegionSummary(**known)


def _best(best: Best | None) -> BestSummary | None:
    return None if best is None else BestSummary(**vars(best))


def _own_epochs(trials: pd.DataFrame) -> pd.Series[int]:
    """How many epochs each was trained for, without those of the checkpoint that it began from."""
    if "parent_epoch" not in trials:
        return trials["epochs"]
    return trials["epochs"] - trials["parent_epoch"].fillna(0).astype("int64")


def _space_size(spec: Mapping[str, Any]) -> int | None:
    """None too where ranges may grow, or where the spec was written for another version."""
    try:
        return None if spec.get("extend") else Space(spec["space"]).size
    except (BadInput, KeyError):
        return None


def _first_error(trials: pd.DataFrame) -> str | None:
    return next(iter(trials[trials["status"] != Status.STOPPED]["error"].dropna()), None)


def _distinct(trials: pd.DataFrame) -> int:
    """How many configs the search has begun: exactly, or by the columns of an earlier version's table."""
    search = trials[trials["repeats"].isna()]
    if "config" in search:
        return int(search["config"].nunique())
    configs = search[[name for name in search if str(name).startswith(CONFIG)]]
    return len(configs.astype("str").drop_duplicates()) if len(configs.columns) else min(len(search), 1)


def _rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """A table's rows as plain values, with None for what is missing."""
    rows = table.to_dict("records")
    return [{str(name): _finite(value) for name, value in row.items()} for row in rows]


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def as_json(value: Any) -> Any:
    """A value of plain parts and dataclasses as plain JSON values; what is not finite becomes None."""
    if is_dataclass(value) and hasattr(value, "to_yaml"):
        return value.to_yaml()
    if is_dataclass(value):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): as_json(inner) for name, inner in value.items()}
    if isinstance(value, tuple | list):
        return [as_json(inner) for inner in value]
    return str(value) if isinstance(value, Path) else _finite(value)
