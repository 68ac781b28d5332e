"""Features of any kind, columns or arrays: as rows of numbers, which are checked."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.data.read.columns import Columns
from trainer.data.read.source import Features
from trainer.data.scaling import Matrix
from trainer.errors import Unusable, shortened


def as_rows(x: Features) -> Matrix:
    """Features as shape (m, features): columns side by side in float64; an array's further axes in one."""
    return x.numbers if isinstance(x, Columns) else x.reshape(len(x), -1)


def feature_names(indices: NDArray[np.int64], columns: Sequence[str]) -> str:
    """Some features in words: by name, or by number from 0 where they have no names."""
    return shortened(columns[i] if len(columns) else i for i in indices)


def check_features(parts: Sequence[Features]) -> None:
    """Raise `Unusable` on features that are no numbers, missing or infinite, and on parts that differ.

    parts: what is to be split, and a test split that the source brings along.
    """
    for x in parts:
        _check(x)
    features, *others = (as_rows(x).shape[1] for x in parts)
    if any(other != features for other in others):
        rule = f"has {features} features in x_train and {others[0]} in x_test"
        raise Unusable(rule, "give both the same features")


def _check(x: Features) -> None:
    kind = x.dtype if isinstance(x, np.ndarray) else x.numbers.dtype
    if kind.kind not in "biuf":
        raise Unusable(f"has features of type {kind}", "store them as numbers")
    if not x.shape or 0 in x.shape:
        raise Unusable(f"has examples of shape {x.shape}", "give at least one row and one feature")
    bad = np.flatnonzero(~np.isfinite(as_rows(x)).all(axis=0)) if kind.kind == "f" else ()
    if len(bad):
        names = feature_names(np.asarray(bad), x.names if isinstance(x, Columns) else ())
        rule = f"has missing or infinite values in the features {names}"
        raise Unusable(rule, "fill them in, or drop those columns or rows")
