"""Features of any kind, columns or arrays: checked, taken by row, and as rows of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from trainer.data.read.columns import is_finite, matrix
from trainer.data.read.source import Features
from trainer.data.scaling import Matrix
from trainer.errors import Unusable, shortened


def check_features(parts: Sequence[Features]) -> None:
    """Raise `Unusable` on features that are no numbers, missing or infinite, and on parts that differ.

    parts: what is to be split, and a test split that the source brings along.
    """
    for x in parts:
        if isinstance(x, np.ndarray):
            _check_array(x)
        if 0 in x.shape:
            raise Unusable(f"has examples of shape {x.shape}", "give at least one row and one feature")
        missing = _missing(x)
        if len(missing):
            columns = x.column_names if isinstance(x, pa.Table) else ()
            rule = f"has missing or infinite values in the features {feature_names(missing, columns)}"
            raise Unusable(rule, "fill them in, or drop those columns or rows")
    features, *others = (x.shape[1] if isinstance(x, pa.Table) else _width(x) for x in parts)
    if any(other != features for other in others):
        rule = f"has {features} features in x_train and {others[0]} in x_test"
        raise Unusable(rule, "give both the same features")


def taken(x: Features, rows: NDArray[np.int64]) -> Features:
    """Some examples' features, a copy."""
    return x.take(pa.array(rows)) if isinstance(x, pa.Table) else x[rows]


def as_rows(x: Features) -> Matrix:
    """Features as shape (m, features): columns side by side in float64; an array's further axes in one."""
    return matrix(x) if isinstance(x, pa.Table) else x.reshape(len(x), -1)


def feature_names(indices: NDArray[np.int64], columns: Sequence[str]) -> str:
    """Some features in words: by name, or by number from 0 where they have no names."""
    return shortened(columns[i] if len(columns) else i for i in indices)


def _check_array(x: NDArray[Any]) -> None:
    if x.dtype.kind not in "biuf":
        raise Unusable(f"has features of type {x.dtype}", "store them as numbers")
    if x.ndim == 0:
        raise Unusable(f"has examples of shape {x.shape}", "give at least one row and one feature")


def _missing(x: Features) -> NDArray[np.int64]:
    """Which features have no finite number in some row."""
    if isinstance(x, pa.Table):
        return np.flatnonzero([not is_finite(column) for column in x.columns])
    return np.flatnonzero(~np.isfinite(as_rows(x)).all(axis=0)) if x.dtype.kind == "f" else np.empty(0, int)


def _width(x: NDArray[Any]) -> int:
    return int(as_rows(x).shape[1])
