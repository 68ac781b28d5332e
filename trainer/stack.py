"""Trains models of one shape as one stack of arrays. A single model is a stack of one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import Array, DType, Labels, Vector
from trainer.batches import minibatches
from trainer.checkpoint import Checkpoint
from trainer.config import DTYPES, MLPConfig, vectors
from trainer.data import Dataset
from trainer.initialise import INITIALISERS, initial_params
from trainer.layers.activation import ACTIVATIONS
from trainer.layers.dropout import draw_masks
from trainer.learner import Learner
from trainer.network import Network
from trainer.optimizers import build_optimizer
from trainer.schedules import InverseTime
from trainer.score import Score

SPLITS = ("train", "val", "test")
METRICS = tuple(f"{split}_{what}" for split in SPLITS for what in ("loss", "accuracy"))

_CHUNK = 1024  # examples evaluated at a time, which bounds the memory of wide stacks


def train_stack(
    configs: Sequence[MLPConfig],
    data: Dataset,
    *,
    seed: int,
    epochs: int,
    start: int = 0,
    checkpoint: Mapping[str, NDArray[Any]] | None = None,
    save: Callable[[Checkpoint], None] | None = None,
) -> Iterator[list[dict[str, float]]]:
    """Train K models at once; yield after each epoch one mapping of metrics per model.

    configs: alike in `MLPConfig.shape`. seed: from 0 on; of all draws, the same for every model.
    start, epochs: epochs behind the stack before and after. checkpoint: what `save` was given after
    epoch `start`; going on from it equals never having stopped, bit for bit.

    Metrics: mean cross-entropy (without L2) and accuracy of each split. On "train" both are running
    averages over the epoch's minibatches, each taken before its update and with dropout; on "val"
    and "test" they are taken after the epoch, without dropout. NaN where logits are not finite.

    Raises ValueError where the configs are not of one shape, there is no checkpoint to start from,
    or it is another network's.
    """
    if start > 0 and checkpoint is None:
        raise ValueError(f"cannot go on from epoch {start} without a checkpoint")
    stack = _Stack(configs, data, seed)
    if checkpoint is not None:
        stack.learner.restore(checkpoint)
    for epoch in range(start, epochs):
        # Entered anew each epoch: open across a yield, it would leak to whoever iterates.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            metrics = stack.train_epoch(epoch)
        if save is not None:
            save(stack.learner.checkpoint())
        yield metrics


class _Stack:
    """What `train_stack` keeps between epochs."""

    def __init__(self, configs: Sequence[MLPConfig], data: Dataset, seed: int) -> None:
        if len({config.shape for config in configs}) != 1:
            raise ValueError("a stack needs at least one config, and all of one shape")
        self._models, self._seed, self._shared = len(configs), seed, configs[0]
        self._dtype = DTYPES[self._shared.dtype]
        self._train, self._validation, self._test = (
            _cast((data.scaled(x), y), self._dtype) for x, y in data.splits
        )
        numbers = vectors(configs)
        self._keep = numbers["keep_probability"]
        self._schedules = [InverseTime(config.learning_rate, config.decay) for config in configs]
        self.learner = self._new_learner((data.features, *self._shared.hidden, len(data.classes)), numbers)

    def train_epoch(self, epoch: int) -> list[dict[str, float]]:
        rates = np.array([schedule(np.array(epoch), 1) for schedule in self._schedules])
        self.learner.optimizer = replace(self.learner.optimizer, learning_rate=rates)
        scores = (self._train_score(epoch), self._score(*self._validation), self._score(*self._test))
        columns = [column.tolist() for score in scores for column in score.means()]
        return [dict(zip(METRICS, row, strict=True)) for row in zip(*columns, strict=True)]

    def _train_score(self, epoch: int) -> Score:
        """Train for an epoch, scoring each minibatch before its update."""
        (x, y), score = self._train, Score(self._models)
        order = minibatches(len(y), self._shared.batch_size, seed=self._seed, epoch=epoch)
        for batch, indices in enumerate(order):
            labels = y.take(indices)
            masks = self._masks(len(indices), epoch, batch)
            score.add(self.learner.step(x.take(indices, axis=0), labels, masks), labels)
        return score

    def _score(self, x: Array, y: Labels) -> Score:
        score = Score(self._models)
        for at in range(0, len(y), _CHUNK):
            score.add(self.learner.logits(x[at : at + _CHUNK]), y[at : at + _CHUNK])
        return score

    def _masks(self, m: int, epoch: int, batch: int) -> list[Array]:
        if (self._keep == 1).all():
            return []
        hidden, dtype = self._shared.hidden, self._dtype
        return draw_masks(self._keep, hidden, m, seed=self._seed, epoch=epoch, batch=batch, dtype=dtype)

    def _new_learner(self, widths: tuple[int, ...], numbers: Mapping[str, Vector]) -> Learner:
        shared, l2 = self._shared, numbers["l2"]
        optimizer = build_optimizer(shared.optimizer, numbers)
        initialiser = INITIALISERS[shared.initialisation]
        params = initial_params(widths, initialiser, models=self._models, seed=self._seed, dtype=self._dtype)
        network = Network(widths, ACTIVATIONS[shared.activation])
        return Learner(network, optimizer, params, l2 if l2.any() else None)


def _cast(split: tuple[Array, Labels], dtype: DType) -> tuple[Array, Labels]:
    x, y = split
    return x.astype(dtype, copy=False), y
