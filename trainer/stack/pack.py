"""A pack from its beginning to its end, and how large it had better be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from trainer.config import MLPConfig
from trainer.data import Dataset
from trainer.epoch.report import Metrics
from trainer.network.architecture import Architecture
from trainer.network.shapes import count
from trainer.stack.stack import Stack

_PARAMETERS = 1 << 20  # of a stack, about
_LARGEST = 64


def stack_size(config: MLPConfig, data: Dataset) -> int:
    """How many models of a config's size train fastest as one stack on a CPU: 1 to 64.

    Small models share the cost of each call; of large ones, a few fill the first layer's product.
    """
    architecture = Architecture.of(config, data)
    return max(1, min(_LARGEST, _PARAMETERS // count(architecture.params(architecture.widths([config])))))


def train_stack(
    configs: Sequence[MLPConfig],
    data: Dataset,
    *,
    seed: int = 0,
    epochs: int,
    checkpoints: Sequence[Mapping[str, NDArray[Any]]] | None = None,
    device: str = "cpu",
) -> Iterator[list[Metrics | None]]:
    """Train models of one `MLPConfig.pack_key` as one until each has `epochs` behind it.

    Yields after each epoch the metrics of each model (see `Stack.train_epoch`), None for one that has
    left: it has diverged, run out of patience, or finished before others that began later.
    checkpoints: one for each config, to go on from. Raises what `Stack` does.
    """
    stack = Stack(data, seed=seed, device=device)
    starts = checkpoints or [{}] * len(configs)
    members = [stack.enter(config, start or None) for config, start in zip(configs, starts, strict=True)]
    while stack.members:
        stack.leave(*(member for member in stack.members if member.epoch >= epochs))
        trained = stack.train_epoch()
        if trained:
            yield [trained.get(member) for member in members]
