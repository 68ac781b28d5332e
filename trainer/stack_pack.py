"""A stack as a sweep's pack: seats that models enter and leave, and how many there is room for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trainer.backends import backend_for
from trainer.config import MLPConfig
from trainer.data import Dataset
from trainer.epoch.report import Metrics
from trainer.member import Member, Status
from trainer.network.architecture import Architecture
from trainer.network.shapes import count
from trainer.probe import DenseProbe, Probe, is_wanted
from trainer.run import Run
from trainer.stack.checkpoint import Checkpoint
from trainer.stack.pack import stack_size
from trainer.stack.stack import Stack

_MOST = 256  # models on a GPU
_COPIES = (
    10  # of a parameter: with its gradient and two moments, again while models enter, and in checkpoints
)
_PASSES = 8  # of an activation: forward, dropout, backward
_SHARE = 0.5  # of what is free: other packs take turns with this one


class StackPack:
    """Models of one pack key and one seed as a `Stack`; see the sweep's `Pack`.

    config: one of the key. run: any of its jobs. Raises TypeError where there is no `Dataset`.
    """

    def __init__(self, config: MLPConfig, run: Run) -> None:
        check_data(run)
        self._data: Dataset = run.data
        self._backend = backend_for(run.device)
        self._stack = Stack(run.data, seed=run.seed, device=run.device)
        self._members: dict[int, Member] = {}
        self._probes: dict[int, Probe] = {}
        self._saved: dict[Member, Checkpoint] | None = None  # after the last epoch
        self._first = config

    @property
    def seats(self) -> int:
        """As many as train fastest on a CPU; on a GPU as its memory holds, by the largest of them."""
        configs = [member.config for member in self._members.values()] or [self._first]
        largest, free = max(configs, key=self._bytes), self._backend.free_bytes()
        if free is None:
            return stack_size(largest, self._data)
        more = int(_SHARE * free / self._bytes(largest))
        return max(1, min(_MOST, len(self._members) + more))

    def enter(self, seat: int, config: Mapping[str, Any], run: Run) -> None:
        """Raises what the trainable does on a config or a checkpoint that is not right."""
        before = trained_with(run, MLPConfig)
        member = self._stack.enter(MLPConfig.parse(config), run.restore(), before)
        try:
            check_start(member, run)
        except ValueError:
            self._stack.leave(member)
            raise
        self._members[seat] = member
        if is_wanted(run):
            self._probes[seat] = DenseProbe(member.config, self._data)

    def leave(self, seat: int) -> None:
        member = self._members.pop(seat)
        self._probes.pop(seat, None)
        if member.status is Status.TRAINING:
            self._stack.leave(member)

    def epoch(self) -> dict[int, Metrics]:
        self._saved, trained = None, self._stack.train_epoch()
        return {
            seat: trained[member] | self._by_layer(seat)
            for seat, member in self._members.items()
            if member in trained
        }

    def save(self, seat: int) -> Checkpoint | None:
        member = self._members[seat]
        if member.diverged:
            return None
        if self._saved is None:
            self._saved = self._stack.checkpoints()
        return self._saved[member]

    def _by_layer(self, seat: int) -> Metrics:
        saved = self.save(seat) if seat in self._probes else None
        return {} if saved is None else self._probes[seat](saved)

    def _bytes(self, config: MLPConfig) -> int:
        architecture = Architecture.of(config, self._data)
        widths = architecture.widths([config])
        numbers = _COPIES * count(architecture.params(widths)) + _PASSES * config.batch_size * sum(widths)
        return int(numbers * architecture.dtype().itemsize)


def check_data(run: Run, name: str = "mlp") -> None:
    """Raise TypeError where there is no `Dataset` to learn from."""
    if not isinstance(run.data, Dataset):
        kind = type(run.data).__name__
        raise TypeError(f"{name} learns from a trainer.Dataset, as load_data returns, not from a {kind}")


def check_start(member: Member, run: Run) -> None:
    """Raise ValueError where the checkpoint is not of the epoch that the job goes on from."""
    if member.epoch != run.start:
        raise ValueError(f"cannot go on from epoch {run.start} with a checkpoint of epoch {member.epoch}")


def trained_with(run: Run, kind: type[MLPConfig]) -> MLPConfig | None:
    """The config that a run's checkpoint was trained with, where that is not the run's own."""
    before = getattr(run, "before", None)
    return None if before is None else kind.parse(before)
