"""The peers of benchmarks.training: the same network, data, batch size and optimizer, one model."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from itertools import pairwise

import torch
from sklearn.neural_network import MLPClassifier

from trainer import Dataset, MLPConfig


def sklearn_epochs(config: MLPConfig, data: Dataset, epochs: int) -> Callable[[], float]:
    """Seconds per epoch of scikit-learn's MLPClassifier; nothing is evaluated."""
    x = data.scaled(data.x_train)

    def seconds() -> float:
        model = MLPClassifier(
            hidden_layer_sizes=config.hidden,
            batch_size=config.batch_size,
            learning_rate_init=config.learning_rate,
            max_iter=epochs,
            tol=0.0,
            n_iter_no_change=epochs,
        )
        began = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it has not converged
            model.fit(x, data.y_train)
        return (time.perf_counter() - began) / epochs

    return seconds


def torch_epochs(config: MLPConfig, data: Dataset, epochs: int) -> Callable[[], float]:
    """Seconds per epoch of a plain torch loop on the CPU; nothing is evaluated."""
    torch.set_num_threads(1)
    x, y = torch.from_numpy(data.scaled(data.x_train)), torch.from_numpy(data.y_train)
    widths = (data.features, *config.hidden)
    hidden = [layer for n in pairwise(widths) for layer in (torch.nn.Linear(*n), torch.nn.ReLU())]
    model = torch.nn.Sequential(*hidden, torch.nn.Linear(widths[-1], data.outputs))
    optimizer = torch.optim.Adam(model.parameters(), lr=config.learning_rate)

    def epoch() -> None:
        for indices in torch.randperm(len(x)).split(config.batch_size):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(x[indices]), y[indices]).backward()
            optimizer.step()

    def seconds() -> float:
        began = time.perf_counter()
        for _ in range(epochs):
            epoch()
        return (time.perf_counter() - began) / epochs

    epoch()
    return seconds
