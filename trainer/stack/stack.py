"""Models that train as one: a stack of arrays which models enter and leave between epochs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.arrays import Vector
from trainer.backends import backend_for
from trainer.config import MLPConfig
from trainer.data import Dataset
from trainer.epoch.examples import Examples
from trainer.epoch.report import GRADIENT_NORM, SPLITS, Metrics, by_model, metric_names, split_metrics
from trainer.errors import ConfigError
from trainer.member import Member, Status
from trainer.network.architecture import Architecture
from trainer.network.initialise import initial_state
from trainer.stack.arrange import arrange
from trainer.stack.checkpoint import Checkpoint, pack_checkpoint, unpack_checkpoint
from trainer.stack.lineup import Lineup
from trainer.stack.padding import fitted

# What diverges overflows. Set for each call: open across a yield, it would leak to whoever iterates.
_quiet = np.errstate(over="ignore", invalid="ignore", divide="ignore")


class Stack:
    """Models of one pack key, on one data set.

    data: what to learn. seed: of all draws, from 0 on. device: "cpu" (NumPy) by default; see
    trainer.backends.check_device. Raises `ConfigError` where the device is not there.

    A model computes what it would alone, up to the rounding of sums, whoever is beside it. One whose
    outputs are no finite numbers leaves at once, and disturbs nobody.
    """

    def __init__(self, data: Dataset, *, seed: int = 0, device: str = "cpu") -> None:
        self._data, self._seed, self._backend = data, seed, backend_for(device)
        self._splits: list[Examples] = []
        self._lineup: Lineup | None = None
        self._entering: list[tuple[Member, Mapping[str, NDArray[Any]]]] = []

    @property
    def members(self) -> tuple[Member, ...]:
        """The models in training."""
        lined_up = self._lineup.members if self._lineup else []
        return (*lined_up, *(member for member, _ in self._entering))

    @_quiet
    def enter(self, config: MLPConfig, checkpoint: Mapping[str, NDArray[Any]] | None = None) -> Member:
        """Add a model, from its beginning or from a checkpoint.

        Raises `ConfigError` where it cannot share the stack or cannot predict the data, and ValueError
        where the checkpoint is another network's.
        """
        self._check(config)
        architecture = Architecture.of(config, self._data)
        if not self.members:
            self._splits = self._load(architecture)
        member, widths = Member(config), architecture.widths([config])
        shapes = architecture.state(widths)
        if checkpoint is None:
            arrays = initial_state(config, widths, shapes, self._seed)
        else:
            arrays = unpack_checkpoint(checkpoint, member, shapes)
        self._entering.append((member, arrays))
        return member

    @_quiet
    def leave(self, member: Member) -> None:
        """Take a model out; the others go on as they would have. Raises ValueError if it is not in."""
        self._row(member)
        member.status = Status.LEFT
        self._drop_finished()

    @_quiet
    def checkpoint(self, member: Member) -> Checkpoint:
        """All that a model goes on from; later epochs do not change it. Raises ValueError if it is not in."""
        row, lineup = self._row(member), self._arranged()
        shapes = lineup.architecture.state(lineup.architecture.widths([member.config]))
        own = {
            name: self._backend.numpy(fitted(x[row : row + 1], shapes[name], self._backend)[0])
            for name, x in lineup.state.items()
        }
        return pack_checkpoint(member, own)

    @_quiet
    def train_epoch(self) -> dict[Member, Metrics]:
        """One more epoch of each model, and its metrics (trainer.epoch.report).

        The loss is the head's, without penalties. On "train", metrics are running averages over the
        epoch's minibatches, each taken before its update and with dropout; on "val" and "test" they
        are taken after the epoch, without dropout. gradient_norm: the mean over the updates, before
        clipping. All are NaN for a model that has diverged.

        Models that have diverged or run out of patience are no longer in the stack afterwards.
        """
        if not self.members:
            return {}
        trained = list(self._arranged().members)
        with self._backend.arithmetic():
            self._train()
            metrics = self._metrics()
        lost = dict.fromkeys(metric_names(bool(self._data.classes)), math.nan)
        for member in trained:
            _finish_epoch(member, metrics.setdefault(member, dict(lost)))
        self._drop_finished()
        return {member: metrics[member] for member in trained}

    def _check(self, config: MLPConfig) -> None:
        others = self.members
        if others and config.pack_key != others[0].config.pack_key:
            rule = "cannot share a stack: what may not differ is another than that of the models in it"
            fix = f"theirs is {others[0].config.pack_key}; open another stack"
            raise ConfigError("pack_key", config.pack_key, rule, fix)

    def _row(self, member: Member) -> int:
        if member not in self.members:
            raise ValueError(f"the model is not in the stack; it is {member.status}")
        return self._arranged().members.index(member)

    def _arranged(self) -> Lineup:
        """The models side by side, those that are entering included."""
        if self._entering or self._lineup is None:
            self._lineup = arrange(
                self._lineup, self._entering, self._data, self._splits[0], self._seed, self._backend
            )
            self._entering = []
        return self._lineup

    def _load(self, architecture: Architecture) -> list[Examples]:
        """The splits on the device, in the dtype of the models."""
        head, dtype = architecture.head, architecture.dtype
        return [Examples(x, y, self._data, head, self._backend, dtype) for x, y in self._data.splits]

    def _train(self) -> None:
        lineup = self._arranged()
        lineup.begin_epoch()
        for first, last in lineup.pieces:
            lineup.train(first, last)
            rest = lineup.select(lineup.finite()) if self._backend.eager else lineup
            self._lineup = rest
            if rest is None:
                return
            lineup = rest

    def _metrics(self) -> dict[Member, Metrics]:
        """Of the models that have come through the epoch."""
        lineup = self._lineup
        if lineup is None:
            return {}
        *train, norms = lineup.scores()
        scores: list[Any] = [train, *(lineup.evaluate(split) for split in self._splits[1:])]
        columns: dict[str, Vector] = {}
        for split, (loss, accuracy) in zip(SPLITS, scores, strict=True):
            columns |= split_metrics(split, loss, accuracy, self._data)
        return dict(zip(lineup.members, by_model({**columns, GRADIENT_NORM: norms}), strict=True))

    def _drop_finished(self) -> None:
        if self._lineup is not None:
            training = [member.status is Status.TRAINING for member in self._lineup.members]
            self._lineup = self._lineup.select(np.array(training))


def _finish_epoch(member: Member, metrics: Metrics) -> None:
    member.finish_epoch(metrics["val_loss"])
    if not all(math.isfinite(metrics[f"{split}_loss"]) for split in SPLITS):
        member.status = Status.DIVERGED
        metrics.update(dict.fromkeys(metrics, math.nan))
