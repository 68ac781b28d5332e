"""A trial of benchmarks.whole_job, as the peers' workers train it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TypeAlias

from threadpoolctl import threadpool_limits

from trainer import Dataset, MLPConfig, load_data

FIXED = {"hidden": [64], "batch_size": 64, "optimizer": "adam"}

Trial: TypeAlias = Callable[[float, int], list[Mapping[str, float]]]
"""(learning rate, epochs) → a row of metrics an epoch."""


@cache
def digits() -> Dataset:
    """Once a process."""
    threadpool_limits(1)
    return load_data("digits")


def compiled_trial(rate: float, epochs: int) -> list[Mapping[str, float]]:
    """A trial in our trainer, as a library."""
    from trainer.compiled.model import Model

    model = Model(MLPConfig.parse({**FIXED, "learning_rate": rate}), digits())
    return [model.train_epoch() for _ in range(epochs)]


def torch_trial(rate: float, epochs: int) -> list[Mapping[str, float]]:
    """The same network in a plain torch loop."""
    import torch
    from torch.nn.functional import cross_entropy

    from benchmarks.training_peers import mlp as network
    from benchmarks.training_peers import train_epoch

    torch.set_num_threads(1)
    data = digits()
    config = MLPConfig.parse({**FIXED, "learning_rate": rate})
    splits = [(torch.from_numpy(data.scaled(x)), torch.from_numpy(y)) for x, y in data.splits]
    model = network(config, data)
    optimizer, rows = torch.optim.Adam(model.parameters(), lr=rate), []
    for _ in range(epochs):
        train_epoch(model, optimizer, *splits[0], config.batch_size)
        with torch.no_grad():
            outputs = [(model(x), y) for x, y in splits[1:]]
            losses = [float(cross_entropy(z, y)) for z, y in outputs]
            right = [float((z.argmax(1) == y).float().mean()) for z, y in outputs]
        rows.append({"val_loss": losses[0], "test_loss": losses[1], "val_accuracy": right[0]})
    return rows
