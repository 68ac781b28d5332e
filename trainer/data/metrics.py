"""Metrics beyond loss and error, of a split's outputs: for classes that are rare, and for quantities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from trainer.data.dataset import Dataset

METRICS: Mapping[str, tuple[str, ...]] = {
    "classification": ("f1", "balanced_accuracy", "auc"),
    "regression": ("mae", "r2"),
}
"""By task."""

Outputs: TypeAlias = NDArray[Any]
"""A network's, before softmax, (m, classes), or (m, 1) where one output tells two classes apart."""


def further_metrics(split: str, outputs: Outputs, y: NDArray[Any], data: Dataset) -> dict[str, float]:
    """Those that the data ask for, by name; NaN where an output is no finite number.

    y: class indices, or quantities as the network learns them.
    """
    if not data.metrics:
        return {}
    if not np.isfinite(outputs).all():
        return {f"{split}_{name}": float("nan") for name in data.metrics}
    return {f"{split}_{name}": _FURTHER[name](outputs.astype(np.float64), y, data) for name in data.metrics}


def f1(outputs: Outputs, y: NDArray[Any], data: Dataset) -> float:
    """2 · precision · recall / (precision + recall): of the rarer of two classes in training, else the mean
    over the classes that are there or predicted, as in scikit-learn."""
    right, said, there = _counts(outputs, y, len(data.classes))
    scores = 2 * right / np.maximum(said + there, 1)
    return float(scores[_rarer(data)] if len(scores) == 2 else scores[said + there > 0].mean())


def balanced_accuracy(outputs: Outputs, y: NDArray[Any], data: Dataset) -> float:
    """The mean over the split's classes of the share of each that is told right."""
    right, _, there = _counts(outputs, y, len(data.classes))
    return float((right[there > 0] / there[there > 0]).mean())


def auc(outputs: Outputs, y: NDArray[Any], data: Dataset) -> float:
    """The area under the ROC curve: how often a row of a class is ranked before one of another. Over more
    than two classes, the mean of each against the rest, by their probabilities. NaN where a split has but one
    class."""
    if len(data.classes) == 2:
        return _area(_margin(outputs), y == 1)
    shifted = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    shares = shifted / shifted.sum(axis=1, keepdims=True)
    areas = [_area(shares[:, k], y == k) for k in np.unique(y)]
    return float(np.mean(areas))


def mae(outputs: Outputs, y: NDArray[Any], data: Dataset) -> float:
    """The mean absolute error, in the target's unit."""
    return float(data.unit * np.abs(outputs[:, 0] - y).mean())


def r2(outputs: Outputs, y: NDArray[Any], data: Dataset) -> float:
    """1 − the mean squared error over the split's variance; NaN where it has none."""
    variance = y.var()
    return float(1 - np.square(outputs[:, 0] - y).mean() / variance) if variance > 0 else float("nan")


_FURTHER: Mapping[str, Callable[[Outputs, NDArray[Any], Dataset], float]] = {
    function.__name__: function for function in (f1, balanced_accuracy, auc, mae, r2)
}


def _margin(outputs: Outputs) -> Outputs:
    """For the second of two classes."""
    margin: Outputs = outputs[:, -1] - (outputs[:, 0] if outputs.shape[1] == 2 else 0)
    return margin


def _counts(outputs: Outputs, y: NDArray[Any], classes: int) -> tuple[NDArray[Any], ...]:
    """Of each class how many rows are told right, are said to be of it, and are of it."""
    said = (_margin(outputs) > 0).astype(np.int64) if classes == 2 else outputs.argmax(axis=1)
    return tuple(np.bincount(each, minlength=classes) for each in (y[said == y], said, y))


def _rarer(data: Dataset) -> int:
    return int(np.bincount(data.y_train, minlength=2).argmin())


def _area(scores: Outputs, of_class: NDArray[np.bool_]) -> float:
    """By ranks (Mann & Whitney, 1947); ties share theirs."""
    inside, m = int(of_class.sum()), len(scores)
    if inside in (0, m):
        return float("nan")
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return float((ranks[of_class].sum() - inside * (inside + 1) / 2) / (inside * (m - inside)))
