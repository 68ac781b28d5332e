"""Single trials read back: the best few, and all that is known of one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sweeps.errors import BadInput
from sweeps.results.best import top_of_search
from sweeps.results.configs import best_config_of_row
from sweeps.results.result import SweepResult
from sweeps.space import Config
from sweeps.spec.objective import as_objective
from sweeps.store.prints import read_prints

_MOST_ROWS = 100  # of the trials table that are read one by one; for more, all of it is read


@dataclass(frozen=True)
class TrialSummary:
    """A trial and what it has reached; None where it has nothing of the kind.

    best_epoch: the one that the objective is from. config: what was trained at that epoch. seconds: that it
    was trained. repeats: the trial whose config it trains again on a fresh seed.
    """

    trial: int
    status: str
    objective: float | None
    best_epoch: int | None
    epochs: int
    seconds: float
    config: Config
    round: int
    seed: int | None
    repeats: int | None
    worker: str
    error: str | None


@dataclass(frozen=True)
class JobSummary:
    """A job of a trial that has ended: its epochs, when it was asked for, begun and over, and how it ended.

    Times are texts with their zone; started is None where no worker said so.
    """

    start: int
    stop: int
    asked: str
    started: str | None
    ended: str
    seconds: float
    worker: str
    outcome: str


@dataclass(frozen=True)
class TrialRecord:
    """All that is known of a trial: its row, its metrics by epoch, its jobs, and what it printed."""

    summary: TrialSummary
    metrics: pd.DataFrame
    jobs: tuple[JobSummary, ...]
    prints: str


def top_trials(result: SweepResult, count: int) -> list[TrialSummary]:
    """The best trials of the search by the sweep's own rule, the best first; `best_of_search` is the first.

    Args:
        result: The sweep.
        count: How many at most; those without an objective are none of them.
    """
    spec = result.spec
    rule, epochs = as_objective(spec.get("objective", "best")), spec.get("epochs", 1)
    numbers = top_of_search(result.tables, spec["mode"], rule, epochs)[:count]
    if len(numbers) > _MOST_ROWS:
        _ = result.trials  # from which rows are taken then
    return [_summary(result, result.tables.row(number)) for number in numbers]


def number_of(result: SweepResult, word: str) -> int:
    """The trial that a word names: by its number, or "best", the winner's. Raises `BadInput` on any other."""
    if word == "best":
        if result.best is None:
            raise BadInput("trial", word, "is none yet: no trial has an objective", "give a number")
        return result.best.trial
    try:
        return int(word)
    except ValueError:
        fix = "give one, such as 17, or best for the winner's"
        raise BadInput("trial", word, "is no number of a trial", fix) from None


def trial_record(result: SweepResult, trial: int) -> TrialRecord:
    """One trial. Raises `BadInput` where the sweep has none of this number."""
    numbers = result.tables.outcomes["trial"]
    if not (numbers == trial).any():
        fix = f"give a number from 0 to {numbers.max()}" if len(numbers) else "wait for its first ones"
        repeats = result.tables.outcomes["repeats"].notna()
        if repeats.any():
            fix += f"; those from {numbers[repeats].min()} on repeat finalists on fresh seeds"
        raise BadInput("trial", trial, "is no trial that this sweep has begun", fix)
    summary = _summary(result, result.tables.row(trial))
    jobs = result.jobs[result.jobs["trial"] == trial] if _has_jobs(result) else pd.DataFrame()
    metrics = result.tables.epochs_of(trial, summary.epochs)
    unreported = [name for name in metrics if len(metrics) and metrics[name].isna().all()]
    return TrialRecord(
        summary,
        metrics.drop(columns=unreported),
        tuple(_job(row) for row in jobs.to_dict("records")),
        read_prints(result.path, trial),
    )


def _has_jobs(result: SweepResult) -> bool:
    """What an earlier version wrote has no such table."""
    return (result.path / "jobs").is_dir()


def _summary(result: SweepResult, row: pd.Series[Any]) -> TrialSummary:
    return TrialSummary(
        trial=int(row["trial"]),
        status=str(row["status"]),
        objective=_or_none(row, "objective", float),
        best_epoch=_or_none(row, "best_epoch", int),
        epochs=int(row["epochs"]),
        seconds=_or_none(row, "seconds", float) or 0.0,
        config=best_config_of_row(result.tables, row),
        round=int(row["round"]),
        seed=_or_none(row, "seed", int),
        repeats=_or_none(row, "repeats", int),
        worker=_or_none(row, "worker", str) or "",
        error=_or_none(row, "error", str),
    )


def _or_none(row: pd.Series[Any], name: str, kind: type) -> Any:
    value = row.get(name)
    return None if value is None or pd.isna(value) else kind(value)


def _job(row: Mapping[Any, Any]) -> JobSummary:
    seconds = float(row.get("seconds", math.nan))
    return JobSummary(
        start=int(row["start"]),
        stop=int(row["stop"]),
        asked=row["asked"].isoformat(),
        started=None if pd.isna(row["started"]) else row["started"].isoformat(),
        ended=row["ended"].isoformat(),
        seconds=seconds if math.isfinite(seconds) else 0.0,
        worker=str(row["worker"]),
        outcome=str(row["outcome"]),
    )
