"""Whether a table that was read can be a sweep's: types and numbers that the summary relies on.

Pages have checksums, which show damage; this is about tables that somebody else wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from sweeps.trial import Status

_WHOLE = {
    "trials": ("trial", "round", "seed", "epochs", "best_epoch", "repeats", "parent", "parent_epoch"),
    "metrics": ("trial", "epoch"),
    "rounds": ("round", "elites"),
    "jobs": ("trial", "start", "stop"),
    "changes": ("trial", "epoch"),
}
_NUMBERS = {
    "trials": ("objective", "seconds"),
    "rounds": ("low", "high"),
    "jobs": ("seconds",),
    "changes": (),
}
_TEXT = {
    "trials": ("status", "worker", "error", "config"),
    "rounds": ("hyperparameter", "scale", "reason"),
    "jobs": ("worker", "outcome"),
    "changes": ("hyperparameter", "before", "after", "author", "reason"),
}
_FILLED = {
    "trials": ("trial", "round", "seed", "epochs", "status", "config"),
    "metrics": ("trial", "epoch"),
    "rounds": ("round", "elites", "hyperparameter", "reason"),
    "jobs": ("trial", "start", "stop", "outcome"),
    "changes": ("trial", "epoch", "author", "reason"),
}


def find_fault(table: str, frame: pd.DataFrame) -> str | None:
    """What a table cannot hold, as a clause; None where there is nothing.

    frame: the table, or some columns of it.
    """
    faults = _column_faults(table, frame)
    compared = table == "trials" and "objective" in frame
    return next(faults, None) or (_trials_fault(frame) if compared else None)


def increases(column: pd.Series[Any]) -> bool:
    """Whether each number is larger than the one before."""
    numbers = column.to_numpy()
    return bool((numbers[1:] > numbers[:-1]).all())


def _column_faults(table: str, frame: pd.DataFrame) -> Iterator[str]:
    names = [str(name) for name in frame]
    if len(set(names)) < len(names):
        yield "has two columns of one name"
    numbers = names if table == "metrics" else _NUMBERS[table]
    for kind, columns, fits in (
        ("a whole number", _WHOLE[table], _is_whole),
        ("a number", numbers, _is_number),
        ("text", _TEXT.get(table, ()), pd.api.types.is_string_dtype),
        ("there", _FILLED[table], lambda column: bool(column.notna().all())),
    ):
        for name in columns:
            if name in names and not fits(frame[name]):
                yield f"has a {name!r} that is not {kind}"


def _is_number(column: pd.Series[Any]) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


def _is_whole(column: pd.Series[Any]) -> bool:
    if not _is_number(column):
        return False
    known = column.dropna()
    fractions = not pd.api.types.is_integer_dtype(column) and bool((known % 1 != 0).any())
    return bool((known >= 0).all()) and not fractions


def _trials_fault(trials: pd.DataFrame) -> str | None:
    if not increases(trials["trial"]) and trials["trial"].duplicated().any():
        return "has a trial twice"
    trained = trials["status"] != Status.MEASURED  # elsewhere: its epochs are not here
    if (trained & trials["objective"].notna() & trials["best_epoch"].isna()).any():
        return "has an objective of no epoch"
    if "repeats" in trials and trials["repeats"].notna().any():
        repeats = trials[trials["repeats"].notna()]
        if not repeats["repeats"].isin(trials["trial"]).all():
            return "has a trial that repeats none of its trials"
        if "seed" not in trials or repeats.duplicated(["repeats", "seed"]).any():
            return "has a trial that repeats another on one seed twice"
    return None
