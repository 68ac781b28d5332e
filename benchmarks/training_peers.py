"""The peers of benchmarks.training: one model, and the same work.

The same network, data, batch size and optimizer; after each epoch the loss and accuracy of validation and
test; and, where the peer's own loop shows them, loss, accuracy and norm of the gradient while training.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from trainer import Dataset, MLPConfig


def sklearn_epochs(config: MLPConfig, data: Dataset, epochs: int) -> Callable[[], float]:
    """Seconds per epoch of scikit-learn's MLPClassifier, which keeps its training loss alone."""
    from sklearn.metrics import accuracy_score, log_loss
    from sklearn.neural_network import MLPClassifier

    splits = [(data.scaled(x), y) for x, y in data.splits]
    classes = np.arange(len(data.classes))
    model = MLPClassifier(
        hidden_layer_sizes=config.hidden,
        batch_size=config.batch_size,
        learning_rate_init=config.learning_rate,
    )

    def seconds() -> float:
        began = time.perf_counter()
        for _ in range(epochs):
            model.partial_fit(*splits[0], classes=classes)  # an epoch of minibatches, shuffled
            for x, y in splits[1:]:
                p = model.predict_proba(x)
                log_loss(y, p, labels=classes), accuracy_score(y, p.argmax(axis=1))
        return (time.perf_counter() - began) / epochs

    return seconds


def torch_epochs(config: MLPConfig, data: Dataset, epochs: int) -> Callable[[], float]:
    """Seconds per epoch of a plain torch loop on the CPU."""
    torch.set_num_threads(1)
    splits = [(torch.from_numpy(data.scaled(x)), torch.from_numpy(y)) for x, y in data.splits]
    model = mlp(config, data)
    optimizer = torch.optim.Adam(model.parameters(), lr=config.learning_rate)

    def seconds() -> float:
        began = time.perf_counter()
        for _ in range(epochs):
            train_epoch(model, optimizer, *splits[0], config.batch_size)
            for x, y in splits[1:]:
                evaluate(model, x, y)
        return (time.perf_counter() - began) / epochs

    seconds()
    return seconds


def mlp(config: MLPConfig, data: Dataset) -> torch.nn.Sequential:
    """The network of the config, with relus."""
    widths = (data.features, *config.hidden)
    hidden = [layer for n in pairwise(widths) for layer in (torch.nn.Linear(*n), torch.nn.ReLU())]
    return torch.nn.Sequential(*hidden, torch.nn.Linear(widths[-1], data.outputs))


def train_epoch(
    model: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
    x: torch.Tensor,
    y: torch.Tensor,
    batch_size: int,
) -> None:
    """Minibatches in a new order; their metrics are summed without asking for them."""
    sums = torch.zeros(3)
    for indices in torch.randperm(len(x)).split(batch_size):
        outputs, labels = model(x[indices]), y[indices]
        optimizer.zero_grad()
        loss = cross_entropy(outputs, labels)
        loss.backward()
        norm = torch.nn.utils.get_total_norm([p.grad for p in model.parameters() if p.grad is not None])
        optimizer.step()
        right = (outputs.argmax(dim=1) == labels).sum()
        sums += torch.stack([loss.detach(), right.float(), norm])
    sums.tolist()


@torch.no_grad()
def evaluate(model: torch.nn.Module, x: torch.Tensor, y: torch.Tensor) -> None:
    outputs = model(x)
    cross_entropy(outputs, y).item(), (outputs.argmax(dim=1) == y).float().mean().item()
