"""The metrics of an epoch by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias, TypeVar

import numpy as np

from trainer.arrays import Vector
from trainer.data import Dataset

Metrics: TypeAlias = dict[str, float]

_Of = TypeVar("_Of", Vector, float)

SPLITS = ("train", "val", "test")
GRADIENT_NORM = "gradient_norm"
TRAIN_COST = "train_cost"


def metric_names(data: Dataset, penalised: bool) -> tuple[str, ...]:
    """What is reported of each split, loss, accuracy and error (no accuracy of quantities), and the norm.

    Of validation and test, the data's further metrics as well. penalised: the cost, too, where it is more
    than the loss.
    """
    kinds = ("loss", "accuracy", "error") if data.classes else ("loss", "error")
    return (
        *(f"{split}_{kind}" for split in SPLITS for kind in kinds),
        *(f"{split}_{kind}" for split in SPLITS[1:] for kind in data.metrics),
        GRADIENT_NORM,
        *[TRAIN_COST] * penalised,
    )


def split_metrics(split: str, loss: _Of, accuracy: _Of | None, data: Dataset) -> dict[str, _Of]:
    """Of one split, shape (K,) each, or a number each of one model.

    The error of classes is the share of wrong answers; of quantities the root of the mean squared
    error, in the target's own unit.
    """
    if accuracy is None:
        return {f"{split}_loss": loss, f"{split}_error": data.unit * np.sqrt(loss)}
    return {f"{split}_loss": loss, f"{split}_accuracy": accuracy, f"{split}_error": 1 - accuracy}


def by_model(columns: Mapping[str, Vector]) -> list[Metrics]:
    """Each model's metrics, as plain numbers."""
    rows = zip(*(column.tolist() for column in columns.values()), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in rows]
