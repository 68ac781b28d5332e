"""The built-in trainable: a multilayer perceptron that classifies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trainer.config import RULES, MLPConfig
from trainer.data import Dataset
from trainer.run import Run
from trainer.stack import METRICS, train_stack


class MLP:
    """Call it with a config and a run to get a generator of one mapping of metrics per epoch.

    metrics: the names of what it reports (see `train_stack`). hyperparameters: the names a config may
    have (see `MLPConfig`). data_type: what `run.data` must be.
    """

    metrics: tuple[str, ...] = METRICS
    hyperparameters: frozenset[str] = frozenset(RULES)
    data_type: type = Dataset

    def check(self, config: Mapping[str, Any]) -> None:
        """Raise `ConfigError` where the config cannot be trained."""
        MLPConfig.parse(config)

    def __call__(self, config: Mapping[str, Any], run: Run) -> Iterator[dict[str, float]]:
        """Train from epoch `run.start` to `run.epochs`; save before each epoch's metrics.

        Raises `ConfigError`, TypeError where there is no `Dataset`, ValueError as `train_stack` does.
        """
        parsed = MLPConfig.parse(config)
        if not isinstance(run.data, Dataset):
            kind = type(run.data).__name__
            raise TypeError(f"mlp learns from a trainer.Dataset, as load_data returns, not from a {kind}")
        epochs = train_stack(
            [parsed],
            run.data,
            seed=run.seed,
            epochs=run.epochs,
            start=run.start,
            checkpoint=run.restore(),
            save=run.save,
        )
        for metrics in epochs:
            yield metrics[0]


mlp = MLP()
