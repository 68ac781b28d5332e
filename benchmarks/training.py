"""Time per model and epoch of stacks against scikit-learn and torch, and the share of the machine's peak.

One process and one BLAS thread for all; the sides take turns, and ratios are of medians. Run it with:

    python -m benchmarks.training [--fashion PATH] [--repeats N]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Mapping
from itertools import pairwise

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.training_peers import sklearn_epochs, torch_epochs
from trainer import DataError, Dataset, MLPConfig, Stack, load_data, stack_size

DIGITS = MLPConfig(hidden=(32,), batch_size=32)
FASHION = MLPConfig(hidden=(128,), batch_size=128)


def stack_epochs(config: MLPConfig, data: Dataset, models: int, epochs: int) -> Callable[[], float]:
    """Seconds per model and epoch, evaluation of the other splits included."""
    stack = Stack(data)
    for _ in range(models):
        stack.enter(config)
    stack.train_epoch()

    def seconds() -> float:
        return timed(lambda: [stack.train_epoch() for _ in range(epochs)]) / epochs / models

    return seconds


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def sgemm_peak() -> float:
    """Operations per second of one product of 2,048 × 2,048 matrices."""
    a = np.random.default_rng(0).random((2048, 2048), dtype=np.float32)
    return 2 * 2048**3 / timed(lambda: a @ a)


def useful_operations(config: MLPConfig, data: Dataset) -> int:
    """Of a model's epoch: three products a weight and training example, but two in the first layer, and one
    a weight and example evaluated; two operations each. Nothing elementwise counts.
    """
    widths = (data.features, *config.hidden, data.outputs)
    weights = [n_in * n_out for n_in, n_out in pairwise(widths)]
    trained = 2 * (3 * sum(weights) - weights[0]) * len(data.y_train)
    return trained + 2 * sum(weights) * (len(data.y_validation) + len(data.y_test))


def in_turns(sides: Mapping[str, Callable[[], float]], repeats: int) -> dict[str, float]:
    """The median of each side's figures."""
    figures: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(repeats):
        for name, figure in sides.items():
            figures[name].append(figure())
    return {name: statistics.median(values) for name, values in figures.items()}


def digits(repeats: int) -> None:
    data = load_data("digits")
    sides = {
        "stack of 16": stack_epochs(DIGITS, data, 16, epochs=2),
        "stack of 1": stack_epochs(DIGITS, data, 1, epochs=10),
        "scikit-learn": sklearn_epochs(DIGITS, data, epochs=10),
        "torch eager": torch_epochs(DIGITS, data, epochs=5),
    }
    medians = in_turns(sides, repeats)
    print("64-32-10 on digits, batch 32, Adam: ms per model and epoch, against the stack of 16")
    for name, seconds in medians.items():
        print(f"  {name:13} {seconds * 1e3:8.2f}  {seconds / medians['stack of 16']:6.1f} x")


def fashion(path: str | None, repeats: int) -> None:
    form = {"name": "fashion-mnist", **({} if path is None else {"path": path})}
    data = fewer(load_data(form), 12_800)
    size, operations = stack_size(FASHION, data), useful_operations(FASHION, data)
    sides = {f"stack of {models}": stack_epochs(FASHION, data, models, epochs=1) for models in {1, size, 16}}
    sides["torch eager"] = torch_epochs(FASHION, data, epochs=1)
    medians = in_turns({**sides, "sgemm": sgemm_peak}, repeats)
    peak = medians.pop("sgemm")
    print(
        f"784-128-10 on {len(data.y_train):,} Fashion-MNIST images, batch 128, Adam; the trainer takes {size}"
    )
    print(f"  {'sgemm peak':13} {peak / 1e9:8.1f} GFLOP/s")
    for name, seconds in medians.items():
        rate = operations / seconds
        print(f"  {name:13} {rate / 1e9:8.1f} GFLOP/s  {rate / peak:5.2f} of the peak")


def fewer(data: Dataset, examples: int) -> Dataset:
    """The first examples of training, and a fifth as many of each other split."""
    parts = [
        array[: examples if split == 0 else examples // 5]
        for split, pair in enumerate(data.splits)
        for array in pair
    ]
    return Dataset(*parts, classes=data.classes, scaling=data.scaling)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--fashion", help="file or folder; by default Debian's dataset-fashion-mnist")
    options.add_argument("--repeats", type=int, default=7)
    given = options.parse_args()
    with threadpool_limits(limits=1):
        digits(given.repeats)
        try:
            fashion(given.fashion, given.repeats)
        except DataError as error:
            print(f"without Fashion-MNIST: {error}")


if __name__ == "__main__":
    main()
