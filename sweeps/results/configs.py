"""The configs of trials: as a row of their table has them, and as they were at the best epoch."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from sweeps.errors import BadInput
from sweeps.results.tables import Tables
from sweeps.space import Config
from sweeps.store.tables.parts import RESTORE
from sweeps.store.tables.schema import CONFIG


def config_of(trial: pd.Series[Any]) -> Config:
    """Of a row of the trials table, exactly as trained last, but for members of enums, which are values.

    Where a trial's config was changed between its jobs, `best_config_of` is what its objective is from.
    """
    if "config" in trial:
        return _read_config(trial["trial"], trial["config"])
    # Written before that column was: numbers may have become decimals, and None is left out.
    names = [str(name) for name in trial.index if str(name).startswith(CONFIG)]
    return {name.removeprefix(CONFIG): _plain(trial[name]) for name in names if not _is_null(trial[name])}


def configs_of(trials: pd.DataFrame) -> list[Config]:
    """`config_of` each row, of many."""
    if "config" in trials:
        return [_read_config(*row) for row in zip(trials["trial"], trials["config"], strict=True)]
    return [config_of(row) for _, row in trials.iterrows()]


def best_config_of(tables: Tables, trial: int) -> Config:
    """With what a trial was trained at the epoch that its objective is from; without one, the last."""
    return best_config_of_row(tables, tables.row(trial))


def best_config_of_row(tables: Tables, row: pd.Series[Any]) -> Config:
    """The same of a row that has been read."""
    config, epoch = config_of(row), row["best_epoch"]
    if pd.isna(epoch):
        return config
    changes = tables.changes
    later = changes[(changes["trial"] == row["trial"]) & (changes["epoch"] >= epoch)]
    for name, before in zip(later["hyperparameter"][::-1], later["before"][::-1], strict=True):
        config = _undone(config, int(row["trial"]), name, before)
    return config


def _undone(config: Config, trial: int, name: Any, before: Any) -> Config:
    """The config before a change; a row without a hyperparameter changes nothing."""
    if pd.isna(name):
        return config
    if pd.isna(before):  # it was not active
        return {other: value for other, value in config.items() if other != name}
    try:
        return {**config, name: json.loads(before)}
    except (ValueError, RecursionError):
        raise BadInput(f"changes of trial {trial}", before, "is no value", RESTORE) from None


def _read_config(trial: int, text: str) -> Config:
    try:
        config = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        config = None
    if not isinstance(config, dict):
        raise BadInput(f"config of trial {trial}", text, "is not a config", RESTORE)
    return config


def _is_null(value: Any) -> bool:
    return not hasattr(value, "__len__") and bool(pd.isna(value))


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else value
