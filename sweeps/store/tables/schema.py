"""The columns of the tables and their types."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa

from sweeps.space import Choice, Distribution, Fixed, Numeric, Space, Value, as_stored


@dataclass(frozen=True)
class Column:
    """A column's type, and the pandas type that it is read back as."""

    type: pa.DataType
    pandas: str


INT = Column(pa.int64(), "int64")
INT_OR_NULL = Column(pa.int64(), "Int64")
FLOAT = Column(pa.float64(), "float64")
BOOL = Column(pa.bool_(), "bool")
BOOL_OR_NULL = Column(pa.bool_(), "boolean")
TEXT = Column(pa.string(), "str")
TIME = Column(pa.timestamp("us", tz="UTC"), "datetime64[us, UTC]")

CONFIG = "config."
PARENT = ("parent", "parent_epoch")

_COLUMNS = {bool: BOOL, int: INT, float: FLOAT, str: TEXT}
_OR_NULL = {BOOL: BOOL_OR_NULL, INT: INT_OR_NULL}


def trials_schema(space: Space, earlier: Sequence[Space] = (), parents: bool = False) -> pa.Schema:
    """One row per trial: what became of it, its config, and a ``config.<name>`` column per hyperparameter.

    config: the config exactly, as `config_text` writes it; where it was changed on the way, the last one, as
        in the columns below.
    config.<name>: the value for analysis, in the type that all values have: ints are decimals where both
        occur; what has no common type is text, see `as_cell`. Null stands for None and for what is inactive.
    repeats: the trial whose config this one trains again on a fresh seed; null in the search.
    parent, parent_epoch: the trial and the epoch of the checkpoint that this one began from; null where it
        began at epoch 0. Its metrics begin after that epoch. Only there where a trial has a parent.

    earlier: spaces that the sweep searched before; their columns stay, wide enough for the values of all.
    """
    columns = {
        "trial": INT,
        "round": INT,
        "seed": INT,
        "repeats": INT_OR_NULL,
        **dict.fromkeys(PARENT if parents else (), INT_OR_NULL),
        "status": TEXT,
        "objective": FLOAT,
        "best_epoch": INT_OR_NULL,
        "epochs": INT,
        "seconds": FLOAT,
        "worker": TEXT,
        "error": TEXT,
        "config": TEXT,
    }
    spaces = [*earlier, space]
    for name in dict.fromkeys(name for each in spaces for name in each.distributions):
        found = [each.distributions[name] for each in spaces if name in each.distributions]
        columns[CONFIG + name] = _config_column(found, everywhere=len(found) == len(spaces))
    return as_schema(columns)


def as_cell(value: Value, type: pa.DataType) -> Any:
    """A config's value as its column holds it; in text, what is no text itself is JSON."""
    stored = as_stored(value)
    if stored is None:
        return None
    if pa.types.is_list(type):
        return [as_cell(item, type.value_type) for item in stored]
    if pa.types.is_floating(type):
        return float(stored)
    if pa.types.is_string(type) and not isinstance(stored, str):
        return json.dumps(stored, ensure_ascii=False)
    return stored


def metrics_schema(metrics: Iterable[str]) -> pa.Schema:
    """One row per trial and epoch, epochs counted from 1."""
    return as_schema({"trial": INT, "epoch": INT, **dict.fromkeys(metrics, FLOAT)})


def jobs_schema() -> pa.Schema:
    """One row per job that has ended, in the order of their ends.

    start, stop: the epochs that the trial had behind it before, and was to have after it.
    asked, started, ended: when the scheduler asked for it, a worker began with it, and its end was heard of;
        started is null where no worker said so. seconds: that it trained.
    outcome: done, ended (by the trainable itself), infeasible, failed or stopped.
    """
    times = {"asked": TIME, "started": TIME, "ended": TIME}
    return as_schema(
        {"trial": INT, "start": INT, "stop": INT, **times, "seconds": FLOAT, "worker": TEXT, "outcome": TEXT}
    )


def changes_schema() -> pa.Schema:
    """One row per trial, epoch and hyperparameter that was changed there, in the order of the changes.

    epoch: the epochs behind the trial then. time: when the job was asked for that has the new value first.
    before, after: JSON; null where the config did not have it. author, reason: of whoever decided it.
    A trial that begins from another's checkpoint and changes nothing has one row, whose hyperparameter is
    null.
    """
    texts = dict.fromkeys(("hyperparameter", "before", "after", "author", "reason"), TEXT)
    return as_schema({"trial": INT, "epoch": INT, "time": TIME, **texts})


def rounds_schema() -> pa.Schema:
    """One row per round and searched hyperparameter.

    low, high: the region's ends in the hyperparameter's own units; null for an unordered choice.
    scale: linear, log, reverse log, ordered choice or choice. elites: how many the region is drawn around.
    """
    columns = {"hyperparameter": TEXT, "scale": TEXT, "low": FLOAT, "high": FLOAT, "elites": INT}
    return as_schema({"round": INT, **columns, "reason": TEXT})


def as_schema(columns: Mapping[str, Column]) -> pa.Schema:
    """An Arrow schema that pandas reads back in the same types, nulls or not."""
    empty = pd.DataFrame({name: pd.Series(dtype=column.pandas) for name, column in columns.items()})
    metadata = pa.Schema.from_pandas(empty, preserve_index=False).metadata
    return pa.schema([pa.field(name, column.type) for name, column in columns.items()], metadata=metadata)


def _config_column(distributions: Sequence[Distribution], everywhere: bool) -> Column:
    """everywhere: whether each of the spaces has the hyperparameter."""
    stored = [as_stored(value) for distribution in distributions for value in _examples(distribution)]
    known = [value for value in stored if value is not None]
    column = _column_of(known) or TEXT
    always = everywhere and len(known) == len(stored) and not any(each.when for each in distributions)
    return column if always else _OR_NULL.get(column, column)


def _column_of(values: list[Any]) -> Column | None:
    """The type that all values have, ints as decimals where both occur; None where no type holds all."""
    kinds = {type(value) for value in values}
    if kinds == {int, float}:
        return FLOAT
    if kinds == {list}:
        item = _column_of([item for value in values for item in value])
        return None if item is None or pa.types.is_list(item.type) else Column(pa.list_(item.type), "object")
    return _COLUMNS.get(kinds.pop()) if len(kinds) == 1 else None


def _examples(distribution: Distribution) -> list[Value]:
    if isinstance(distribution, Choice):
        return list(distribution.values)
    if isinstance(distribution, Fixed):
        return [distribution.value]
    if not isinstance(distribution, Numeric):
        raise TypeError(f"no column type for a {type(distribution).__name__}")
    return [distribution.from_unit(0.0)]
