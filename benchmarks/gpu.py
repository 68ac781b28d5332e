"""Stacks on a GPU: 784-128-10 on Fashion-MNIST, batch 128, Adam, against torch one model at a time and vmap.

For each number of models: models × epochs per second, operations and bytes per second, and the time
of an epoch against its two floors, the bytes that must move over the memory's bandwidth and the
operations over the rate of products, both measured here. All sides train alone, in turns, on the same
images; validation and test are cut to a batch. Run it with:

    python -m benchmarks.gpu [--fashion PATH] [--models 1,16,256,1024,4096] [--device cuda]
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable

import torch

from benchmarks.gpu_peers import eager_epoch, vmap_epoch
from benchmarks.training import FASHION, useful_operations
from trainer import Dataset, Stack, load_data

_TOUCHES = 10  # of each parameter in a step: forward; gradient written and normed; Adam reads 4, writes 3


def stack_epoch(data: Dataset, models: int, device: str) -> Callable[[], object]:
    """An epoch of all models."""
    stack = Stack(data, device=device)
    for _ in range(models):
        stack.enter(FASHION)
    return stack.train_epoch


def seconds(epoch: Callable[[], object], device: str, repeats: int) -> float:
    """The median time of an epoch, after one that is not counted."""
    times = []
    for repeat in range(repeats + 1):
        _wait(device)
        began = time.perf_counter()
        epoch()
        _wait(device)
        times += [time.perf_counter() - began] if repeat else []
    return statistics.median(times)


def bandwidth(device: str) -> float:
    """Bytes per second of a copy: each is read and written."""
    x = torch.zeros(1 << 28 if device.startswith("cuda") else 1 << 24, device=device)
    y = torch.empty_like(x)
    return 2 * 4 * len(x) / seconds(lambda: y.copy_(x), device, 9)


def product_rate(device: str) -> float:
    """Operations per second of float32 products of 8,192 × 8,192 matrices, in torch's own precision."""
    n = 8192 if device.startswith("cuda") else 2048
    a = torch.rand(n, n, device=device)
    return 2 * n**3 / seconds(lambda: a @ a, device, 9)


def report(
    data: Dataset, models: int, device: str, place: str, floors: tuple[float, float], repeats: int
) -> None:
    """One line per side."""
    operations = models * useful_operations(FASHION, data)
    steps = -(-len(data.y_train) // FASHION.batch_size)
    moved = 4 * models * _TOUCHES * steps * (785 * 128 + 129 * 10)
    floor = max(operations / floors[0], moved / floors[1])
    sides = {"caviar": seconds(stack_epoch(data, models, device), place, repeats)}
    eager = models * seconds(eager_epoch(FASHION, data, place), place, repeats)
    try:
        sides["vmap"] = seconds(vmap_epoch(FASHION, data, models, place), place, repeats)
    except torch.OutOfMemoryError:
        print(f"{models:5} vmap: out of memory")
    for name, took in {**sides, "eager": eager}.items():
        print(
            f"{models:5} {name:7} {models / took:10.1f} models × epochs/s"
            f" {operations / took / 1e12:8.2f} TFLOP/s {moved / took / 1e12:7.2f} TB/s"
            f" {eager / took:7.1f} × eager {floor / took:5.2f} of the floor"
        )


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--fashion", help="file or folder; by default Debian's dataset-fashion-mnist")
    options.add_argument("--models", default="1,16,256,1024,4096")
    options.add_argument("--device", default="cuda", help="cuda, or torch-cpu to try the script out")
    options.add_argument("--examples", type=int, default=12_800)
    options.add_argument("--repeats", type=int, default=3)
    given = options.parse_args()
    place = "cpu" if given.device == "torch-cpu" else given.device
    form = {"name": "fashion-mnist", **({} if given.fashion is None else {"path": given.fashion})}
    data = _cut(load_data(form), given.examples)
    floors = product_rate(place), bandwidth(place)
    print(f"products {floors[0] / 1e12:.1f} TFLOP/s, memory {floors[1] / 1e12:.2f} TB/s")
    for models in map(int, given.models.split(",")):
        report(data, models, given.device, place, floors, given.repeats)


def _cut(data: Dataset, examples: int) -> Dataset:
    sizes = (examples, FASHION.batch_size, FASHION.batch_size)
    arrays = [array[:size] for size, pair in zip(sizes, data.splits, strict=True) for array in pair]
    return Dataset(*arrays, classes=data.classes, scaling=data.scaling)


def _wait(device: str) -> None:
    if device.startswith("cuda"):
        torch.cuda.synchronize()


if __name__ == "__main__":
    main()
