"""The trials of a sweep one after the other, each with all that it reported, in bounded memory."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from sweeps.errors import BadInput
from sweeps.results.configs import best_config_of_row
from sweeps.space import Config, Value
from sweeps.store import LOG, LogReader
from sweeps.store.run_directory import SPEC_FILE
from sweeps.trial import Status

if TYPE_CHECKING:
    from sweeps.results import SweepResult

_ROWS = 500_000  # of metrics in memory at a time, about
_1970 = pd.Timestamp(0, tz="UTC")


@dataclass(frozen=True)
class History:
    """A trial, its config and its epochs.

    Attributes:
        trial: Its number. repeats: The trial whose config this one trains again on a fresh seed.
        config: As in the column `config` of the trials table, inactive hyperparameters left out.
        objective: None where it has none. best_epoch: The one that it is from.
        began, ended: Seconds since 1970, of its first and last job; None where it has not ended yet. A trial
            that was measured elsewhere has the moment at which the sweep began.
        steps: The epochs that it reported, counted from 1.
        metrics: By name, a value for each of the steps; None where it was not reported then.
    """

    trial: int
    repeats: int | None
    config: Config
    status: Status
    seed: int | None
    objective: float | None
    best_epoch: int | None
    epochs: int
    error: str | None
    began: float
    ended: float | None
    steps: Sequence[int]
    metrics: Mapping[str, Sequence[float | None]]

    @property
    def name(self) -> str:
        """Of a run of another tool: all of a sweep's sort by trial."""
        again = "" if self.repeats is None else f"-repeats-{self.repeats}"
        return f"trial-{self.trial:06d}{again}"

    @property
    def facts(self) -> dict[str, int | str]:
        """What is known of the trial beside its config and its metrics, as far as it is known."""
        known: dict[str, int | str | None] = {
            "trial": self.trial,
            "status": str(self.status),
            "seed": self.seed,
            "epochs": self.epochs,
            "best_epoch": self.best_epoch,
            "repeats": self.repeats,
            "error": self.error,
        }
        return {name: value for name, value in known.items() if value is not None}

    @property
    def over(self) -> float:
        """When it ended; where it has not, when it began."""
        return self.began if self.ended is None else self.ended

    @property
    def moments(self) -> list[float]:
        """When each of the steps may have ended: nobody noted it, so evenly between beginning and end."""
        moments: list[float] = np.linspace(self.began, self.over, len(self.steps) + 1)[1:].tolist()
        return moments

    def reported(self) -> Iterator[tuple[int, float, dict[str, float]]]:
        """Each step, its moment and the metrics of that epoch."""
        for place, (step, moment) in enumerate(zip(self.steps, self.moments, strict=True)):
            row = {name: values[place] for name, values in self.metrics.items()}
            yield step, moment, {name: value for name, value in row.items() if value is not None}


def histories(result: SweepResult) -> Iterator[History]:
    """All trials by number, the finalists' repeats among them. Raises `BadInput` on damaged tables."""
    trials, times = result.trials, _Times(result)
    for rows in _batches(trials):
        reported = _Reported(_epochs(result, rows))
        for _, row in rows.iterrows():
            yield _history(result, row, times, reported)


def epochs_in_batches(result: SweepResult) -> Iterator[pa.Table]:
    """The metrics of all trials by trial and epoch, a table or more; null where one was not reported."""
    for rows in _batches(result.trials):
        yield _epochs(result, rows)


def as_text(value: Value) -> str:
    """A value of a config for a tool that has texts alone; what is no text itself is JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def as_scalar(value: Value) -> bool | int | float | str:
    """A value of a config for a tool that has no lists, no null and no infinite numbers: those are text."""
    fits = isinstance(value, bool | int | str) or (isinstance(value, float) and math.isfinite(value))
    return value if fits else as_text(value)  # type: ignore[return-value]


class _Times:
    """When each trial began and ended, by the table of jobs."""

    def __init__(self, result: SweepResult) -> None:
        first = next(iter(LogReader(result.path / LOG)), None)
        self._begun = first.time if first is not None else (result.path / SPEC_FILE).stat().st_mtime
        jobs = result.jobs
        frame = pd.DataFrame({"trial": jobs["trial"], "ended": _seconds(jobs["ended"])})
        frame["began"] = _seconds(jobs["started"].fillna(jobs["asked"]))
        spans = frame.groupby("trial").agg({"began": "min", "ended": "max"})
        self._of = dict(zip(spans.index, zip(spans["began"], spans["ended"], strict=True), strict=True))

    def of(self, trial: int, status: Status) -> tuple[float, float | None]:
        began, ended = self._of.get(trial, (self._begun, self._begun))
        over = status is not Status.RUNNING
        return float(began), max(float(began), float(ended)) if over else None


class _Reported:
    """Where each trial's rows are in a table of metrics that is sorted by trial."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table
        self._trials: NDArray[np.int64] = table.column("trial").to_numpy()
        self._names = [name for name in table.column_names if name not in ("trial", "epoch")]

    def of(self, trial: int) -> tuple[list[int], dict[str, list[float | None]]]:
        low, high = np.searchsorted(self._trials, [trial, trial + 1]).tolist()
        rows = self._table.slice(low, high - low)
        found = {name: rows.column(name).to_pylist() for name in self._names}
        known = {n: values for n, values in found.items() if any(v is not None for v in values)}
        return rows.column("epoch").to_pylist(), known


def _epochs(result: SweepResult, trials: pd.DataFrame) -> pa.Table:
    numbers = trials["trial"].tolist()
    return result.tables.metrics_in(range(numbers[0], numbers[-1] + 1) if numbers else range(0))


def _batches(trials: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Trials one after the other that have as many epochs together as fit into memory; one batch at least."""
    if trials.empty:
        yield trials
    numbers = (trials["epochs"].clip(lower=1).cumsum() // _ROWS).tolist()
    for _, places in groupby(range(len(trials)), key=lambda place: numbers[place]):
        chosen = list(places)
        yield trials.iloc[chosen[0] : chosen[-1] + 1]


def _history(result: SweepResult, row: pd.Series[Any], times: _Times, reported: _Reported) -> History:
    trial, status = int(row["trial"]), _status(row)
    began, ended = times.of(trial, status)
    steps, metrics = reported.of(trial)
    return History(
        trial=trial,
        repeats=_whole(row["repeats"]),
        config=best_config_of_row(result.tables, row),
        status=status,
        seed=_whole(row.get("seed")),
        objective=None if pd.isna(row["objective"]) else float(row["objective"]),
        best_epoch=_whole(row["best_epoch"]),
        epochs=int(row["epochs"]),
        error=None if pd.isna(row["error"]) else str(row["error"]),
        began=began,
        ended=ended,
        steps=steps,
        metrics=metrics,
    )


def _status(row: pd.Series[Any]) -> Status:
    if row["status"] not in [*Status]:
        rule = "is a status that this version does not know"
        raise BadInput(
            f"status of trial {row['trial']}", row["status"], rule, "use the version that wrote it"
        )
    return Status(row["status"])


def _whole(value: Any) -> int | None:
    return None if value is None or pd.isna(value) else int(value)


def _seconds(moments: pd.Series[Any]) -> pd.Series[float]:
    return (moments - _1970).dt.total_seconds()
