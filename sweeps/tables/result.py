"""Reads a sweep back: during the run, after a crash, or at the end."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from sweeps.errors import BadInput
from sweeps.space import Config
from sweeps.spec.yaml_text import read_yaml
from sweeps.tables.run_directory import SPEC_FILE
from sweeps.tables.schema import CONFIG


@dataclass(frozen=True)
class Best:
    """The trial with the best objective, and its metrics at the epoch where it had it."""

    trial: int
    config: Config
    objective: float
    epoch: int
    metrics: dict[str, float]


class SweepResult:
    """The tables of a sweep as pandas frames, each read when first asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def spec(self) -> dict[str, Any]:
        """The sweep as asked for, with defaults filled in."""
        found = read_yaml((self.path / SPEC_FILE).read_text(encoding="utf-8"), SPEC_FILE)
        if not isinstance(found, dict):
            raise BadInput(
                str(self.path / SPEC_FILE), found, "is not the spec of a sweep", "restore the file"
            )
        return found

    @cached_property
    def trials(self) -> pd.DataFrame:
        """One row per trial, by trial."""
        return self._read("trials").sort_values("trial", ignore_index=True)

    @cached_property
    def metrics(self) -> pd.DataFrame:
        """One row per trial and epoch, by trial and epoch."""
        return self._read("metrics").sort_values(["trial", "epoch"], ignore_index=True)

    @cached_property
    def rounds(self) -> pd.DataFrame:
        """One row per round and searched hyperparameter: the region and its reason."""
        return self._read("rounds")

    @cached_property
    def best(self) -> Best | None:
        """The best trial so far; None while no trial has an objective. What diverged or failed has none."""
        able = self.trials[self.trials["objective"].notna()]
        if able.empty:
            return None
        objective = able["objective"]
        row = able.iloc[int(objective.argmin() if self.spec["mode"] == "min" else objective.argmax())]
        trial, epoch = int(row["trial"]), int(row["best_epoch"])
        config = {
            name.removeprefix(CONFIG): _plain(row[name])
            for name in self.trials.columns
            if name.startswith(CONFIG) and not _is_null(row[name])
        }
        return Best(trial, config, float(row["objective"]), epoch, self._metrics_at(trial, epoch))

    def _metrics_at(self, trial: int, epoch: int) -> dict[str, float]:
        at = self.metrics[(self.metrics["trial"] == trial) & (self.metrics["epoch"] == epoch)]
        numbers = at.drop(columns=["trial", "epoch"]).iloc[0].dropna()
        return {str(name): float(value) for name, value in numbers.items()}

    def _read(self, table: str) -> pd.DataFrame:
        return pd.read_parquet(self.path / table)


def load(path: str | Path) -> SweepResult:
    """Open a sweep's folder: ``.trials``, ``.metrics``, ``.rounds``, ``.best``, ``.spec``.

    Raises `BadInput` if the folder holds no sweep.
    """
    path = Path(path)
    if not ((path / SPEC_FILE).is_file() and (path / "trials").is_dir()):
        rule = "holds no sweep" if path.is_dir() else "is not a folder"
        raise BadInput("dir", str(path), rule, "give the folder that a sweep wrote, such as runs/digits")
    return SweepResult(path)


def _is_null(value: Any) -> bool:
    return not hasattr(value, "__len__") and bool(pd.isna(value))


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else value
