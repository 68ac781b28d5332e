"""Packs: what a trainable offers that trains several configs as one."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Protocol, TypeAlias, TypeGuard

from numpy.typing import ArrayLike

from sweeps.execution.trainables.run import Run
from sweeps.space import Config

Metrics: TypeAlias = Mapping[str, float]


class Pack(Protocol):
    """Several configs trained as one, say as one stack of arrays. They enter and leave between epochs.

    seats: how many it has room for, as things stand; the seats are numbered from 0.
    """

    @property
    def seats(self) -> int: ...

    def enter(self, seat: int, config: Config, run: Run) -> None:
        """Take a config in, from `run.restore()` and epoch `run.start` on.

        What it raises fails that trial alone, which is then not in.
        """

    def leave(self, seat: int) -> None:
        """Take out what is in the seat, whether it still trains or has ended by itself."""

    def epoch(self) -> Mapping[int, Metrics | float | None]:
        """Train all that are in for one epoch: each seat's metrics. One that has ended by itself has none.

        After it has raised, the pack is of no use: each of its jobs goes on alone, from its last checkpoint.
        """

    def save(self, seat: int) -> Mapping[str, ArrayLike] | None:
        """What a seat goes on from after this epoch, as `run.save` takes it; None for nothing."""


class Packing(Protocol):
    """A trainable whose configs can be trained together."""

    def pack_key(self, config: Config, run: Run) -> Hashable | None:
        """Jobs whose keys are equal may share a pack; None for one that is trained alone."""

    def pack(self, config: Config, run: Run) -> Pack:
        """An empty pack for the configs of this one's key."""


def packs(train: object) -> TypeGuard[Packing]:
    """Whether a trainable has packs."""
    return hasattr(train, "pack_key") and hasattr(train, "pack")


def alone(train: Packing, config: Config, run: Run) -> Iterator[Metrics | float | None]:
    """A trainable of one config at a time, made of one that has packs alone."""
    pack = train.pack(config, run)
    pack.enter(0, config, run)
    try:
        for _ in range(run.start, run.epochs):
            given = pack.epoch()
            if 0 not in given:
                return
            state = pack.save(0)
            if state is not None:
                run.save(state)
            yield given[0]
    finally:
        pack.leave(0)
