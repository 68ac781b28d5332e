"""One network in training on a CPU: what a stack of one on NumPy computes, in a few calls an epoch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer import draws
from trainer.arrays import Array
from trainer.compiled.epoch import evaluate, flush, train
from trainer.compiled.layout import Layout, Split, splits_of
from trainer.compiled.ready import make_ready
from trainer.compiled.rules import COEFFICIENTS
from trainer.config import MLPConfig
from trainer.data import Dataset
from trainer.data.metrics import further_metrics
from trainer.epoch.batches import batch_count, epoch_order
from trainer.epoch.coefficients import Coefficients
from trainer.epoch.report import GRADIENT_NORM, SPLITS, TRAIN_COST, Metrics, split_metrics
from trainer.member import Member
from trainer.network.architecture import Architecture
from trainer.network.initialise import initial_state
from trainer.randomness import Purpose
from trainer.stack.carry import carried_over
from trainer.stack.checkpoint import Checkpoint, pack_checkpoint, unpack_checkpoint
from trainer.stack.learner import FADED
from trainer.stack.train import finish, lost

_CALL = 2e8  # operations: some 50 ms. Until a call ends, no signal is heard and no other thread gets in.
_ACTIVATIONS, _LEAST, _MOST = 1 << 17, 64, 1024  # evaluated at a time, as many as stay in the cache
_STEPS = 512  # whose coefficients are computed at a time, so that short epochs do not pay for calls


# What diverges overflows, in numbers that are too large for the dtype and where kernels run uncompiled.
_quiet = np.errstate(over="ignore", invalid="ignore", divide="ignore")
_FEW = 1 << 14  # examples whose orders are kept, up to 8 MiB in all
_kept_order = lru_cache(maxsize=64)(epoch_order)


class Model:
    """One network, on one data set.

    config: what it is. data: what it learns. seed: of all draws, from 0 on. checkpoint: to go on from, and
    before: the config that it was trained with, where that is another one (trainer.stack.carry).

    Raises `ConfigError` where it cannot predict the data, and ValueError where the checkpoint is
    another network's.
    """

    @_quiet
    def __init__(
        self,
        config: MLPConfig,
        data: Dataset,
        *,
        seed: int = 0,
        checkpoint: Mapping[str, NDArray[Any]] | None = None,
        before: MLPConfig | None = None,
    ) -> None:
        architecture = Architecture.of(config, data)
        self.member, self._data, self._seed = Member(config), data, seed
        self._splits = splits_of(data, config.number_bins)
        make_ready(config.dtype)
        self._examples = len(self._splits[0].y)
        self._batch = min(config.batch_size, self._examples)
        widths = architecture.widths([config])
        self._outputs = widths[-1]
        self._chunk = min(max(_ACTIVATIONS // max(widths), _LEAST), _MOST)
        self._layout = Layout(architecture, config, self._batch, self._chunk)
        shapes = self._layout.shapes
        if checkpoint is None:
            arrays = initial_state(config, widths, shapes, seed)
        else:
            given = checkpoint
            if before is not None:
                given = carried_over(checkpoint, before, config, architecture, self._examples)
            arrays = unpack_checkpoint(given, self.member, shapes)
        self._memory = self._layout.memory(arrays)
        self._keep = np.array(config.keep, self._layout.dtype)
        drops = any(keep < 1 for keep in config.keep or ())
        self._without_draws = None if drops else np.zeros((len(self._keep), 2), np.uint32)
        self._coefficients = Coefficients([self.member], self._examples, self._layout.dtype)
        self._table, self._from = np.empty((0, len(COEFFICIENTS)), self._layout.dtype), 0

    def checkpoint(self) -> Checkpoint:
        """All that the model goes on from; later epochs do not change it."""
        return pack_checkpoint(self.member, self._layout.state(self._memory))

    @_quiet
    def train_epoch(self) -> Metrics:
        """One more epoch and its metrics, as `Stack.train_epoch` has them.

        They are NaN for a model that has diverged, and its status says so. After an exception the model is
        of no use.
        """
        train, *rest = self._splits
        scores = np.zeros(4)
        finite = self._train(train, scores)
        metrics = self._metrics(SPLITS[0], scores, self._examples)
        held_out = zip(SPLITS[1:], rest, self._data.splits[1:], strict=True)
        for name, split, (_, y) in held_out if finite else ():
            metrics |= self._held_out(name, split, y)
        metrics[GRADIENT_NORM] = float(scores[2]) / self._steps
        if self.member.config.penalised:
            metrics[TRAIN_COST] = float(scores[0] + scores[3]) / self._examples
        return finish(self.member, metrics if finite else lost(self.member, self._data))

    @property
    def _steps(self) -> int:
        """Updates an epoch."""
        return batch_count(self._examples, self._batch)

    def _train(self, split: Split, scores: NDArray[np.float64]) -> bool:
        network, plan, _ = self._layout.training
        # What is penalised or forgotten fades into numbers that a CPU is many times slower with.
        tiny, size = FADED * float(np.finfo(self._layout.dtype).tiny), network.parameters
        flush(self._memory[: 4 * size], tiny)
        if network.averages > 0:
            flush(self._memory[network.averages : network.averages + size], tiny)
        epoch = self.member.epoch
        order, table = self._order(epoch), self._of_epoch(epoch)
        dropout = self._keep, self._keys(epoch)
        for first, last in self._calls(self._steps, 6 * self._batch):
            at = order, self._batch, first, last
            if not train(network, plan, self._memory, *split, *at, *dropout, table[first:last], scores):
                return False
        return True

    def _held_out(self, name: str, split: Split, y: NDArray[Any]) -> Metrics:
        outputs = np.empty((len(y) if self._data.metrics else 0, self._outputs), self._layout.dtype)
        scores = self._evaluate(split, outputs)
        return {**self._metrics(name, scores, len(y)), **further_metrics(name, outputs, y, self._data)}

    def _evaluate(self, split: Split, outputs: Array) -> NDArray[np.float64]:
        network, plan, _ = self._layout.evaluation
        scores, chunk = np.zeros(3), self._chunk
        for first, last in self._calls(batch_count(len(split.y), chunk), 2 * chunk):
            part = slice(first * chunk, last * chunk)
            examples = split.pixels[part], split.x[part], split.y[part]
            evaluate(
                network, plan, self._memory, *examples, *split[3:5], *split[6:], chunk, scores, outputs[part]
            )
        return scores

    def _calls(self, steps: int, per_parameter: int) -> Iterator[tuple[int, int]]:
        """Steps in calls that last some 50 ms each; per_parameter: operations of a step."""
        at_once = max(1, int(_CALL / (per_parameter * self._layout.training.network.parameters)))
        return ((first, min(first + at_once, steps)) for first in range(0, steps, at_once))

    def _metrics(self, split: str, scores: NDArray[np.float64], examples: int) -> Metrics:
        loss, right = float(scores[0]) / examples, float(scores[1]) / examples
        found = split_metrics(split, loss, right if self._data.classes else None, self._data)
        return {name: float(x) for name, x in found.items()}

    def _order(self, epoch: int) -> NDArray[np.intp]:
        """Of the epoch's examples: all trials of a worker have the same, and it takes some steps' time."""
        order = _kept_order if self._examples <= _FEW else epoch_order
        return order(self._examples, seed=self._seed, epoch=epoch)

    def _of_epoch(self, epoch: int) -> Array:
        """The coefficients of the epoch's steps."""
        at = (epoch - self._from) * self._steps
        if at + self._steps > len(self._table):
            columns = self._coefficients.columns(max(1, _STEPS // self._steps))
            steps = len(next(iter(columns.values())))
            self._table, self._from, at = np.zeros((steps, len(COEFFICIENTS)), self._layout.dtype), epoch, 0
            for place, name in enumerate(COEFFICIENTS):
                if name in columns:
                    self._table[:, place] = columns[name][:, 0]
        return self._table[at : at + self._steps]

    def _keys(self, epoch: int) -> NDArray[np.uint32]:
        if self._without_draws is not None:
            return self._without_draws
        key = (self._seed, int(Purpose.DROPOUT), self.member.config.replica)
        return np.array([draws.words(key, epoch, layer) for layer in range(len(self._keep))], np.uint32)
