"""The columns of the tables and their types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from sweeps.space import Choice, Distribution, Fixed, Numeric, Space, Value


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

CONFIG = "config."


def trials_schema(space: Space) -> pa.Schema:
    """One row per trial: what became of it, and a typed ``config.<name>`` column per hyperparameter.

    repeats: the trial whose config this one trains again on a fresh seed; null in the search.
    """
    columns = {
        "trial": INT,
        "round": INT,
        "seed": INT,
        "repeats": INT_OR_NULL,
        "status": TEXT,
        "objective": FLOAT,
        "best_epoch": INT_OR_NULL,
        "epochs": INT,
        "seconds": FLOAT,
        "worker": TEXT,
        "error": TEXT,
    }
    for name, distribution in space.distributions.items():
        columns[CONFIG + name] = _config_column(distribution)
    return as_schema(columns)


def metrics_schema(metrics: Iterable[str]) -> pa.Schema:
    """One row per trial and epoch, epochs counted from 1."""
    return as_schema({"trial": INT, "epoch": INT, **dict.fromkeys(metrics, FLOAT)})


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


def _config_column(distribution: Distribution) -> Column:
    conditional = bool(distribution.when)
    values = _examples(distribution)
    if isinstance(values[0], list):
        return Column(pa.list_(_item_column([item for v in values for item in v], False).type), "object")  # type: ignore[union-attr]
    return _item_column(values, conditional)


def _item_column(values: list[Value], conditional: bool) -> Column:
    if all(isinstance(value, bool) for value in values):
        return BOOL_OR_NULL if conditional else BOOL
    if all(isinstance(value, int) for value in values):
        return INT_OR_NULL if conditional else INT
    return FLOAT if all(isinstance(value, int | float) for value in values) else TEXT


def _examples(distribution: Distribution) -> list[Value]:
    if isinstance(distribution, Choice):
        return list(distribution.values)
    if isinstance(distribution, Fixed):
        return [distribution.value]
    if not isinstance(distribution, Numeric):
        raise TypeError(f"no column type for a {type(distribution).__name__}")
    return [distribution.from_unit(0.0)]
