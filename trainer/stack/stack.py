"""Models that train as one: a stack of arrays which models enter and leave between epochs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.backends import backend_for
from trainer.config import MLPConfig
from trainer.data import Dataset
from trainer.data.bins import bins_of
from trainer.epoch.examples import Examples
from trainer.epoch.report import Metrics
from trainer.errors import ConfigError
from trainer.member import Member, Status
from trainer.network.architecture import Architecture
from trainer.stack.arrange import arrange
from trainer.stack.carry import carried_over
from trainer.stack.checkpoint import Checkpoint, pack_checkpoint, unpack_checkpoint
from trainer.stack.kind import DENSE, Kind
from trainer.stack.lineup import Lineup
from trainer.stack.padding import corner, fitted
from trainer.stack.train import train_lineup

# What diverges overflows. Set for each call: open across a yield, it would leak to whoever iterates.
_quiet = np.errstate(over="ignore", invalid="ignore", divide="ignore")


class Stack:
    """Models of one pack key, on one data set.

    data: what to learn. seed: of all draws, from 0 on. device: "cpu" (NumPy) by default; see
    trainer.backends.check_device. kind: of network, by default dense ones. Raises `ConfigError` where the
    device is not there.

    A model computes what it would alone, up to the rounding of sums, whoever is beside it. One whose
    outputs are no finite numbers leaves at once, and disturbs nobody.
    """

    def __init__(self, data: Dataset, *, seed: int = 0, device: str = "cpu", kind: Kind = DENSE) -> None:
        self._data, self._seed, self._kind = data, seed, kind
        self._backend = backend_for(device) if kind.captured else backend_for(device, capture=False)
        self._splits: list[Examples] = []
        self._lineup: Lineup | None = None
        self._entering: list[tuple[Member, Mapping[str, NDArray[Any]]]] = []

    @property
    def members(self) -> tuple[Member, ...]:
        """The models in training."""
        return tuple(member for member in self._present if member.status is Status.TRAINING)

    @property
    def _present(self) -> list[Member]:
        lined_up = self._lineup.members if self._lineup else []
        return [*lined_up, *(member for member, _ in self._entering)]

    @_quiet
    def enter(
        self,
        config: MLPConfig,
        checkpoint: Mapping[str, NDArray[Any]] | None = None,
        before: MLPConfig | None = None,
    ) -> Member:
        """Add a model, from its beginning or from a checkpoint.

        before: the config that the checkpoint was trained with, where that is another one; see
        trainer.stack.carry.

        Raises `ConfigError` where it cannot share the stack or cannot predict the data, and ValueError
        where the checkpoint is another network's.
        """
        self._check(config)
        architecture = self._kind.architecture(config, self._data)
        if not self._present:
            self._splits = self._load(architecture)
        member, widths = Member(config), architecture.widths([config])
        shapes = architecture.state(widths)
        if checkpoint is None:
            arrays = dict(self._kind.initial_state(config, architecture, widths, self._seed))
        else:
            given = checkpoint
            if before is not None:
                examples = len(self._data.splits[0][1])
                given = carried_over(checkpoint, before, config, architecture, examples)
            arrays = unpack_checkpoint(given, member, shapes)
        self._entering.append((member, arrays))
        return member

    @_quiet
    def leave(self, *members: Member) -> None:
        """Take models out; the others go on as they would have. Raises ValueError on one that is not in."""
        for member in members:
            self._row(member)
        for member in members:
            member.status = Status.LEFT
        self._drop(Status.TRAINING, Status.STOPPED)

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
    def checkpoints(self) -> dict[Member, Checkpoint]:
        """Of all that are in, as `checkpoint` is: each array goes to the host once, not once a model."""
        lineup = self._arranged()
        host = {name: self._backend.numpy(x) for name, x in lineup.state.items()}
        found = {}
        for row, member in enumerate(lineup.members):
            shapes = lineup.architecture.state(lineup.architecture.widths([member.config]))
            own = {name: x[row][corner(shapes[name])] for name, x in host.items()}
            found[member] = pack_checkpoint(member, own)
        return found

    @_quiet
    def train_epoch(self) -> dict[Member, Metrics]:
        """One more epoch of each model, and its metrics (trainer.epoch.report).

        The loss is the head's, without penalties. On "train", metrics are running averages over the
        epoch's minibatches, each taken before its update and with dropout; on "val" and "test" they
        are taken after the epoch, without dropout. gradient_norm: the mean over the updates, before
        clipping. train_cost, where there is an l1 or l2: what the updates descend, train_loss with the
        penalties of the weights before each update. All are NaN for a model that has diverged.

        Models that have diverged or run out of patience are no longer members afterwards; of the latter,
        a checkpoint can be had until the next epoch. After an exception the stack is of no use.
        """
        if not self.members:
            return {}
        self._arranged()
        self._drop(Status.TRAINING)
        with self._backend.arithmetic():
            trained, self._lineup = train_lineup(self._arranged(), self._splits, self._data)
        self._drop(Status.TRAINING, Status.STOPPED)
        return trained

    def _check(self, config: MLPConfig) -> None:
        others = self._present
        if others and config.pack_key != others[0].config.pack_key:
            rule = "cannot share a stack: what may not differ is another than that of the models in it"
            fix = f"theirs is {others[0].config.pack_key}; open another stack"
            raise ConfigError("pack_key", config.pack_key, rule, fix)

    def _row(self, member: Member) -> int:
        if member not in self._present:
            raise ValueError(f"the model is not in the stack; it is {member.status}")
        return self._arranged().members.index(member)

    def _arranged(self) -> Lineup:
        """The models side by side, those that are entering included."""
        if self._entering or self._lineup is None:
            train, seed = self._splits[0], self._seed
            self._lineup = arrange(
                self._lineup, self._entering, self._data, train, seed, self._backend, self._kind
            )
            self._entering = []
        return self._lineup

    def _load(self, architecture: Architecture) -> list[Examples]:
        """The splits on the device, in the dtype of the models."""
        head, dtype = architecture.head, architecture.dtype
        weights = (self._data.weights, None, None)  # in training alone
        bins = bins_of(self._data, architecture.config.number_bins)
        return [
            Examples(x, y, self._data, head, self._backend, dtype, of_rows, bins)
            for (x, y), of_rows in zip(self._data.splits, weights, strict=True)
        ]

    def _drop(self, *but: Status) -> None:
        """Take all out but those of some statuses."""
        if self._lineup is not None:
            stays = [member.status in but for member in self._lineup.members]
            self._lineup = self._lineup.select(np.array(stays))
