"""What each training row weighs: as a column says, and by its class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from trainer.data.columns.values import floats
from trainer.errors import DataError, Unusable, choices, in_words

Weights = NDArray[np.float64]


def row_weights(column: pa.ChunkedArray, name: str) -> Weights:
    """A column's. Raises `Unusable` on what is missing, below 0 or no number."""
    weights = floats(column, name)
    bad = int((~(weights >= 0)).sum())
    if bad:
        rule = f"has {bad:,} rows whose weight in {in_words(name)} is missing or below 0"
        raise Unusable(rule, "give each row a weight, 0 for none")
    return weights


def class_weights(
    asked: str | Mapping[str, float] | None, classes: Sequence[str], y: NDArray[Any]
) -> Weights:
    """Of each class. y: of the training rows, class indices.

    Balanced ones are as in scikit-learn: a class weighs as much as every other, whatever its rows; one that
    training lacks weighs nothing. A class that a mapping does not name weighs 1. Raises `DataError`.
    """
    if asked is None:
        return np.ones(len(classes))
    if not classes:
        rule = "weighs classes, but the labels are quantities"
        raise DataError("class_weight", asked, rule, "remove it, or write task: classification")
    if isinstance(asked, Mapping):
        given = {_name(name, classes): float(weight) for name, weight in asked.items()}
        return np.array([given.get(name, 1.0) for name in classes])
    counts = np.bincount(y, minlength=len(classes))
    return np.where(counts > 0, len(y) / np.maximum(counts, 1) / max((counts > 0).sum(), 1), 0.0)


def _name(given: object, classes: Sequence[str]) -> str:
    """Of a class; YAML reads true and 1 as no texts."""
    for name in (str(given), str(given).lower()):
        if name in classes:
            return name
    raise DataError("class_weight", given, "is no class", choices(classes, str(given)))


def of_mean_one(weights: Weights) -> NDArray[np.float32]:
    """So that the size of a step does not depend on them. Raises `Unusable` where all are 0."""
    mean = weights.mean()
    if not 0 < mean < np.inf:
        raise Unusable("has no training row of a weight above 0", "give weights above 0")
    return np.asarray(weights / mean, np.float32)
