"""The built-in trainable: a multilayer perceptron."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

from trainer.backends import check_device
from trainer.config import RULES, MLPConfig
from trainer.data import Dataset
from trainer.epoch.report import metric_names
from trainer.member import Status
from trainer.network.architecture import Architecture
from trainer.run import Run
from trainer.stack.stack import Stack


class MLP:
    """Call it with a config and a run to get a generator of one mapping of metrics per epoch.

    hyperparameters: the names a config may have (see `MLPConfig`). data_type: what `run.data` must be.
    """

    hyperparameters: frozenset[str] = frozenset(RULES)
    data_type: type = Dataset

    def metrics(self, data: Dataset) -> tuple[str, ...]:
        """The names of what is reported for the data (see `Stack.train_epoch`)."""
        return metric_names(bool(data.classes))

    def check(self, config: Mapping[str, Any], data: Dataset) -> None:
        """Raise `ConfigError` where the config cannot be trained, or not on the data."""
        Architecture.of(MLPConfig.parse(config), data)

    def check_device(self, device: str) -> None:
        """Raise `ConfigError` where nothing can be trained on the device."""
        check_device(device)

    def pack_key(self, config: Mapping[str, Any]) -> Hashable:
        """Configs of one key can be trained as one `Stack`. Raises `ConfigError` as `check` does."""
        return MLPConfig.parse(config).pack_key

    def __call__(self, config: Mapping[str, Any], run: Run) -> Iterator[dict[str, float]]:
        """Train from epoch `run.start` to `run.epochs`; save before each epoch's metrics.

        Ends early where patience has run out, and after the epoch in which the model has diverged.
        Raises `ConfigError`, TypeError where there is no `Dataset`, ValueError where there is no
        checkpoint to start from or it is another network's.
        """
        if not isinstance(run.data, Dataset):
            kind = type(run.data).__name__
            raise TypeError(f"mlp learns from a trainer.Dataset, as load_data returns, not from a {kind}")
        stack = Stack(run.data, seed=run.seed, device=run.device)
        member = stack.enter(MLPConfig.parse(config), run.restore())
        if member.epoch != run.start:
            raise ValueError(f"cannot go on from epoch {run.start} with a checkpoint of epoch {member.epoch}")
        while member.status is Status.TRAINING and member.epoch < run.epochs:
            metrics = stack.train_epoch()[member]
            if not member.diverged:
                run.save(stack.checkpoint(member))
            yield metrics


mlp = MLP()
