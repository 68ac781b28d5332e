"""The tables of a sweep as frames: as little of them is read as is asked for, and each is held sound."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from sweeps.errors import BadInput
from sweeps.results.reading import read_epochs, read_parts, read_row, read_trial, read_trials
from sweeps.results.sound import find_fault, increases
from sweeps.store.tables.parts import RESTORE
from sweeps.store.tables.schema import changes_schema
from sweeps.store.tables.trials import part_of

_COLUMNS = {
    "trials": ("trial", "round", "status", "objective", "best_epoch", "epochs", "error"),
    "metrics": ("trial", "epoch"),
    "rounds": ("round", "hyperparameter", "low", "high", "elites", "reason"),
    "jobs": ("trial", "start", "stop", "asked", "started", "ended", "worker", "outcome"),
    "changes": ("trial", "epoch", "time", "hyperparameter", "before", "after", "author", "reason"),
}
_OUTCOMES = (
    *("trial", "seed", "repeats", "parent", "parent_epoch"),
    *("status", "objective", "best_epoch", "epochs"),
)
_TEXTS = ("trial", "repeats", "status", "error", "config")


class Tables:
    """The tables in a run folder, each read when first asked for.

    Where all trials or all metrics have been read, what is asked for next is taken from them.

    Raises `BadInput` where a part that is read is damaged, or no table of a sweep's.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def trials(self) -> pd.DataFrame:
        """One row per trial, by trial."""
        return _by_trial(self._sound("trials", read_parts(*self._at("trials"))))

    @cached_property
    def metrics(self) -> pd.DataFrame:
        """One row per trial and epoch, by trial and epoch."""
        metrics = self._sound("metrics", read_parts(*self._at("metrics")))
        return metrics.sort_values(["trial", "epoch"], ignore_index=True)

    @cached_property
    def rounds(self) -> pd.DataFrame:
        """As they were written."""
        return self._sound("rounds", read_parts(*self._at("rounds")))

    @cached_property
    def jobs(self) -> pd.DataFrame:
        """As they were written."""
        return self._sound("jobs", read_parts(*self._at("jobs")))

    @cached_property
    def changes(self) -> pd.DataFrame:
        """As they were written; empty where there are none."""
        if not (self._path / "changes").is_dir():
            return pd.DataFrame(changes_schema().empty_table().to_pandas())
        return self._sound("changes", read_parts(*self._at("changes")))

    @cached_property
    def outcomes(self) -> pd.DataFrame:
        """One row per trial, by trial: what became of it, without its config and its error."""
        if "trials" in vars(self):
            return self.trials
        return _by_trial(self._sound("trials", read_parts(*self._at("trials"), _OUTCOMES)))

    @cached_property
    def texts(self) -> pd.DataFrame:
        """One row per trial, by trial: its status, its error and its config.

        Of what an earlier version wrote, which has no exact configs, it is all columns.
        """
        if "trials" in vars(self):
            return self.trials
        texts = self._sound("trials", read_parts(*self._at("trials"), _TEXTS))
        return _by_trial(texts) if "config" in texts else self.trials

    def row(self, trial: int) -> pd.Series[Any]:
        """The row of one of the `outcomes`, with its config."""
        read = "trials" in vars(self)
        rows = self.trials if read else read_row(*self._at("trials"), trial, part_of(trial))
        rows = rows[rows["trial"] == trial]
        if rows.empty:  # a sweep that is resumed writes its tables again from the beginning
            raise BadInput(str(self._path), "trials", f"has no trial {trial} any more", "read it once more")
        return rows.iloc[0]

    def metrics_at(self, epochs: Mapping[int, int]) -> pd.DataFrame:
        """The metrics of each of these trials at its epoch, in no order."""
        if not epochs:
            return pd.DataFrame()
        if "metrics" in vars(self):
            rows = self.metrics[self.metrics["trial"].isin(epochs)]
            rows = rows[rows["epoch"] == rows["trial"].map(epochs)]
        else:
            rows = self._sound("metrics", read_epochs(*self._at("metrics"), epochs))
        return rows.drop(columns=["trial", "epoch"])

    def metrics_in(self, trials: range) -> pa.Table:
        """The metrics of these trials alone, by trial and epoch; what was not reported is null, not NaN."""
        rows = read_trials(*self._at("metrics"), trials)
        self._sound("metrics", rows.to_pandas())
        return rows.sort_by([("trial", "ascending"), ("epoch", "ascending")])

    def epochs_of(self, trial: int, count: int) -> pd.DataFrame:
        """The metrics of a trial, of whose epochs there should be so many, by epoch."""
        if "metrics" in vars(self):
            rows = self.metrics[self.metrics["trial"] == trial]
        else:
            rows = self._sound("metrics", read_trial(*self._at("metrics"), trial, count))
        return rows.drop(columns="trial").sort_values("epoch", ignore_index=True)

    def _at(self, table: str) -> tuple[Path, Iterable[str]]:
        return self._path / table, _COLUMNS[table]

    def _sound(self, table: str, frame: pd.DataFrame) -> pd.DataFrame:
        if fault := find_fault(table, frame):
            raise BadInput(str(self._path), table, fault, RESTORE)
        return frame


def _by_trial(trials: pd.DataFrame) -> pd.DataFrame:
    if not increases(trials["trial"]):
        trials = trials.sort_values("trial", ignore_index=True)
    if "repeats" not in trials:  # written before there were any
        trials["repeats"] = pd.array([pd.NA] * len(trials), dtype="Int64")
    return trials
