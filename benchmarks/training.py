"""Time per model and epoch of a compiled model against JAX, scikit-learn, torch and our own stacks.

One process and one BLAS thread for all; the sides take turns, and ratios are of medians. Run it with:

    python -m benchmarks.training [--fashion PATH] [--repeats N] [--sizes]
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable, Mapping
from itertools import pairwise

import numpy as np

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


def compiled_epochs(config: MLPConfig, data: Dataset, epochs: int) -> Callable[[], float]:
    """Seconds per epoch of one model alone."""
    from trainer.compiled.model import Model

    model = Model(config, data)
    model.train_epoch()
    return lambda: timed(lambda: [model.train_epoch() for _ in range(epochs)]) / epochs


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
    from benchmarks.training_peers import sklearn_epochs, torch_epochs

    data = load_data("digits")
    sides = {
        "compiled": compiled_epochs(DIGITS, data, epochs=20),
        "stack of 16": stack_epochs(DIGITS, data, 16, epochs=2),
        "stack of 1": stack_epochs(DIGITS, data, 1, epochs=10),
        "scikit-learn": sklearn_epochs(DIGITS, data, epochs=10),
        "torch eager": torch_epochs(DIGITS, data, epochs=5),
    }
    medians = in_turns(sides, repeats)
    print("64-32-10 on digits, batch 32, Adam: ms per model and epoch, against the compiled model")
    for name, seconds in medians.items():
        print(f"  {name:13} {seconds * 1e3:8.2f}  {seconds / medians['compiled']:6.1f} x")


def fashion(path: str | None, repeats: int) -> None:
    from benchmarks.training_peers import torch_epochs

    form = {"name": "fashion-mnist", **({} if path is None else {"path": path})}
    data = fewer(load_data(form), 12_800)
    size, operations = stack_size(FASHION, data), useful_operations(FASHION, data)
    sides = {f"stack of {models}": stack_epochs(FASHION, data, models, epochs=1) for models in {1, size, 16}}
    sides["compiled"] = compiled_epochs(FASHION, data, epochs=1)
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


SIZES = [
    ((hidden), batch) for hidden in ((32,), (64, 64), (256, 256), (256, 256, 256)) for batch in (16, 32, 128)
]


def sizes(repeats: int) -> None:
    """One core, by width, depth and batch size, with Adam and dropout."""
    from benchmarks.training_jax import jax_epochs

    data, ratios = load_data("digits"), []
    print("digits, Adam, dropout 0.2, one core: ms per model and epoch, and its ratio to the compiled model")
    for hidden, batch in SIZES:
        given = {"hidden": hidden, "batch_size": batch, "keep_probability": 0.8}
        config, epochs = MLPConfig.parse(given), max(1, 400 // sum(hidden))
        sides = {
            "compiled": compiled_epochs(config, data, epochs),
            "JAX, vmap of 16": jax_epochs(config, data, 16, max(1, epochs // 8)),
            "JAX alone": jax_epochs(config, data, 1, epochs),
            "stack of 16": stack_epochs(config, data, 16, 1),
        }
        medians = in_turns(sides, repeats)
        own = medians["compiled"]
        ratios.append([seconds / own for seconds in medians.values()])
        row = "  ".join(f"{name} {1e3 * x:6.2f} ({x / own:4.2f})" for name, x in medians.items())
        print(f"  {'-'.join(map(str, hidden)):12} batch {batch:3}  {row}", flush=True)
    means = np.exp(np.log(ratios).mean(axis=0))
    print(
        "  geometric means: " + ", ".join(f"{name} {x:.2f}" for name, x in zip(medians, means, strict=True))
    )


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
    options.add_argument("--sizes", action="store_true", help="against JAX, by width, depth and batch size")
    given = options.parse_args()
    from threadpoolctl import threadpool_limits

    if given.sizes:
        os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with threadpool_limits(limits=1):
        if given.sizes:
            sizes(given.repeats)
            return
        digits(given.repeats)
        try:
            fashion(given.fashion, given.repeats)
        except DataError as error:
            print(f"without Fashion-MNIST: {error}")


if __name__ == "__main__":
    main()
