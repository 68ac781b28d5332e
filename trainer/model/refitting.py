"""What a winner is trained on once more: the training and the validation split together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.data import Dataset
from trainer.data.weights import of_mean_one
from trainer.errors import DataError


def refitting(config: Mapping[str, Any], data: Dataset, epochs: int) -> tuple[dict[str, Any], Dataset]:
    """The config and the data to train on where the validation split counts as training, too.

    Training then ends where it is told to, since nothing is left that patience could look at; so a learning
    rate that falls along a cosine has fallen by then. Where it had not, validation chose a lucky epoch, and
    the same one is not lucky again. Raises `DataError` where nobody knows what the validation rows weigh.

    Args:
        config: The winner's.
        data: It was trained on.
        epochs: For how long it is trained.
    """
    x, y = (np.concatenate(parts) for parts in list(zip(*data.splits[:2], strict=True)))
    own = {name: value for name, value in config.items() if name != "patience"}
    if own.get("decay_horizon") is not None:
        own["decay_horizon"] = min(own["decay_horizon"], float(epochs))
    return own, replace(data, x_train=np.ascontiguousarray(x), y_train=y, weights=_weights(data))


def _weights(data: Dataset) -> NDArray[np.float32] | None:
    """By class, as in the training split; data keep no other weights of their validation rows."""
    if data.weights is None:
        return None
    by_class = {label: data.weights[data.y_train == label] for label in np.unique(data.y_train)}
    if not data.classes or any(np.ptp(weights) for weights in by_class.values()):
        rule = "are known of training rows alone, and refit trains on the validation rows, too"
        raise DataError("weights", "of a column", rule, "use the model in best/")
    rest = [by_class[label][0] if label in by_class else 0.0 for label in data.y_validation]
    return of_mean_one(np.concatenate([data.weights, rest]).astype(np.float64))
