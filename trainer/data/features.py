"""Features of any kind, columns or arrays, as they are checked before anything is fitted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.data.read.columns import Columns
from trainer.data.read.source import Features
from trainer.data.scaling import Matrix
from trainer.errors import Unusable, shortened


def as_rows(x: NDArray[Any]) -> Matrix:
    """An array's examples as rows, (m, features)."""
    return x.reshape(len(x), -1)


def check_features(parts: Sequence[Features]) -> None:
    """Raise `Unusable` on arrays of no numbers, of missing or infinite ones, and on parts that differ.

    parts: what is to be split, and a test split that the source brings along. Columns are checked when they
    are fitted.
    """
    for x in parts:
        if not x.shape or 0 in x.shape:
            raise Unusable(f"has examples of shape {x.shape}", "give at least one row and one feature")
        if not isinstance(x, Columns):
            _check(x)
    whole, *others = parts
    for other in others:
        _check_alike(whole, other)


def _check(x: NDArray[Any]) -> None:
    if x.dtype.kind not in "biuf":
        raise Unusable(f"has features of type {x.dtype}", "store them as numbers")
    bad = np.flatnonzero(~np.isfinite(as_rows(x)).all(axis=0)) if x.dtype.kind == "f" else ()
    if len(bad):
        rule = f"has missing or infinite values in the features {shortened(bad)}"
        raise Unusable(rule, "fill them in, or give a table, whose missing values are filled in")


def _check_alike(whole: Features, test: Features) -> None:
    if isinstance(whole, Columns) or isinstance(test, Columns):
        return  # by name
    if (features := np.prod(whole.shape[1:])) != (others := np.prod(test.shape[1:])):
        rule = f"has {features} features in x_train and {others} in x_test"
        raise Unusable(rule, "give both the same features")
