"""From what a sweep has of a winner, configs and checkpoints, to a model that is measured."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from trainer.data import Dataset, Preprocessing
from trainer.data.metrics import further_metrics
from trainer.data.scaling import Matrix, Standard
from trainer.data.transform import NumberTransform
from trainer.epoch.report import SPLITS, split_metrics
from trainer.errors import DataError
from trainer.model.forward import Arrays
from trainer.model.kinds import DENSE
from trainer.model.model import Model, network_of

_BLOCK = 8192
_NAMES = {"train": "train", "val": "validation", "test": "test"}  # in a card
_TINY = 1e-300  # the least probability whose logarithm is taken

Trained: TypeAlias = tuple[Mapping[str, Any], Arrays]
"""A config, and the checkpoint that was saved when it was trained."""


def trained_model(
    data: Dataset, trained: Sequence[Trained], about: Mapping[str, Any], kind: str = DENSE
) -> Model:
    """A model of networks that were trained on some data, with its metrics on the other splits in `about`.

    kind: of network, see `trainer.model.kinds`. about: its key `refit` says that the training split holds the
    validation split, too.

    Raises `ConfigError`, `DataError` where nothing raw can be turned into the data's rows, and ValueError
    where a checkpoint is another network's.
    """
    known = data.preprocessing or preprocessing_of(data)
    networks = tuple(network_of(config, checkpoint, known, data, kind) for config, checkpoint in trained)
    bare = Model(networks, known)
    held_out = SPLITS[2:] if about.get("refit") else SPLITS[1:]
    rows = {
        _NAMES[split]: len(y)
        for split, (_, y) in zip(SPLITS, data.splits, strict=True)
        if split == "train" or split in held_out
    }
    return Model(networks, known, {**about, "rows": rows, "metrics": measured(bare, data, held_out)})


def preprocessing_of(data: Dataset) -> Preprocessing:
    """Of data that were given as arrays: their own scaling of the rows, and their unit.

    Raises `DataError` on a scaling that makes a constant of a feature, other than 0.
    """
    factor, offset = data.scaling.factor.astype(np.float64), data.scaling.offset.astype(np.float64)
    if ((factor == 0) & (offset != 0)).any():
        raise DataError("scaling", "a factor of 0", "makes a constant of a feature", "drop the feature")
    with np.errstate(divide="ignore", invalid="ignore"):
        standard = Standard(np.where(factor == 0, 0.0, -offset / factor), 1 / factor)
    scales = data.scaling.multiplies or data.scaling.adds
    # Bytes are scaled when a model sees them; without a standard they would be brought to 0 … 1.
    as_bytes = data.x_train.dtype == np.uint8
    features = NumberTransform(data.shape, bytes=as_bytes, standard=standard if scales or as_bytes else None)
    target = Standard() if data.classes else Standard(np.zeros(1), np.full(1, data.unit))
    return Preprocessing(features, data.classes, target)


def measured(model: Model, data: Dataset, splits: Sequence[str] = SPLITS[1:]) -> dict[str, float]:
    """Loss, accuracy and error of some splits, as training reports them.

    Of an ensemble, the loss is that of its mean.
    """
    found: dict[str, float] = {}
    for split, (x, y) in zip(SPLITS, data.splits, strict=True):
        if split in splits:
            found |= _metrics(split, answers_on(x, model, data), y, data)
    return {name: float(value) for name, value in found.items() if math.isfinite(value)}


def answers_on(x: Matrix, model: Model, data: Dataset) -> NDArray[np.float64]:
    """To some rows of the data, as `Model.answers` gives them; never all of the rows are scaled at a time."""
    blocks = (x[at : at + _BLOCK] for at in range(0, len(x), _BLOCK))
    return np.concatenate([model.answers(data.scaled(block)) for block in blocks])


def mean_loss(answers: NDArray[np.float64], y: NDArray[Any], data: Dataset) -> float:
    """Of answers as `answers_on` gives them."""
    if not data.classes:
        return float(np.square(answers - y).mean())
    return -float(np.log(np.maximum(answers[np.arange(len(y)), y], _TINY)).mean())


def _metrics(split: str, answers: NDArray[np.float64], y: NDArray[Any], data: Dataset) -> dict[str, float]:
    """answers: probabilities, (m, classes), or what a network learned to give, (m,)."""
    loss = mean_loss(answers, y, data)
    if not data.classes:
        outputs = answers[:, None]
        return split_metrics(split, loss, None, data) | further_metrics(split, outputs, y, data)
    outputs = np.log(np.maximum(answers, _TINY))  # whose softmax they are
    right = float((answers.argmax(axis=1) == y).mean())
    return split_metrics(split, loss, right, data) | further_metrics(split, outputs, y, data)
