"""What both kinds of targets, classes and quantities, have in common."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from trainer.data.source import Source


class SplitTargets(NamedTuple):
    """rows: of the source's whole, for each split that it is divided into; training first.

    y: the targets of every split, one the source brings along included. classes, unit: as in `Dataset`.
    """

    rows: list[NDArray[np.int64]]
    y: list[NDArray[Any]]
    classes: tuple[str, ...] = ()
    unit: float = 1.0


def one_per_example(source: Source, y: NDArray[Any], examples: int) -> NDArray[Any]:
    """The labels as shape (examples,). Raises `DataError` on another count and on missing labels."""
    y = y.reshape(-1) if y.ndim == 2 and y.shape[1] == 1 else y
    if y.shape != (examples,):
        rule = f"has labels of shape {y.shape} for {examples} examples"
        raise source.label_error(rule, "give one label for each example")
    missing = np.asarray(pd.isna(y))
    if missing.any():
        rule = f"has {int(missing.sum())} missing labels"
        raise source.label_error(rule, "drop the rows without a label")
    return y
