"""An epoch of one convolutional network: Caviar against a plain loop in torch, with channels first and last.

Images of 28 × 28 pixels that are drawn, three stages of 16 channels and more, AdamW, one thread. CPU
milliseconds a minibatch, in turns, so that they compare on a machine with other work beside. Caviar's hold
what it reports: loss, accuracy, the gradient's norm. Run it with:

    python -m benchmarks.convolutions [--batch N] [--rounds N]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from trainer import CNNConfig, Dataset, convolution_stack

STEPS = 40
CHANNELS = (16, 32, 64)


def drawn(batch: int) -> Dataset:
    """As many minibatches as are timed, and next to nothing to evaluate on."""
    rng = np.random.default_rng(0)
    x = rng.random((STEPS * batch, 28 * 28), np.float32)
    y = rng.integers(0, 10, len(x))
    return Dataset(x, y, x[:2], y[:2], x[:2], y[:2], tuple("abcdefghij"), shape=(28, 28))


def caviar(data: Dataset, batch: int) -> Callable[[], object]:
    config = {"channels": CHANNELS[0], "stages": len(CHANNELS), "batch_size": batch, "optimizer": "adamw"}
    stack = convolution_stack(data)
    stack.enter(CNNConfig.parse(config))
    return stack.train_epoch


def plain(data: Dataset, batch: int, layout: torch.memory_format) -> Callable[[], object]:
    layers: list[nn.Module] = []
    for into, out in zip((1, *CHANNELS), CHANNELS, strict=False):
        convolution = nn.Conv2d(into, out, 3, padding=1, bias=False)
        layers += [convolution, nn.MaxPool2d(2), nn.BatchNorm2d(out), nn.ReLU(inplace=True)]
    network = nn.Sequential(*layers, nn.Flatten(), nn.Linear(9 * CHANNELS[-1], 10)).to(memory_format=layout)
    optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3)
    x = torch.from_numpy(data.x_train).view(-1, 1, 28, 28)
    y = torch.from_numpy(data.y_train)

    def epoch() -> None:
        for images, labels in zip(x.split(batch), y.split(batch), strict=True):
            optimizer.zero_grad()
            nn.functional.cross_entropy(network(images), labels).backward()
            optimizer.step()

    return epoch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=7)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    data = drawn(asked.batch)
    sides = {
        "Caviar": caviar(data, asked.batch),
        "torch, channels last": plain(data, asked.batch, torch.channels_last),
        "torch, channels first": plain(data, asked.batch, torch.contiguous_format),
    }
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(asked.rounds + 1):
        for name, epoch in sides.items():
            began = time.process_time()
            epoch()
            taken[name].append((time.process_time() - began) / STEPS * 1e3)
    for name, rounds in taken.items():
        steady = rounds[1:]
        print(
            f"{name}: {statistics.median(steady):.1f} ms a minibatch ({min(steady):.1f} to {max(steady):.1f})"
        )


if __name__ == "__main__":
    main()
