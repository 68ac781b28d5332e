"""Stacks on a GPU: 784-128-10 on Fashion-MNIST, batch 128, Adam, against what torch and JAX offer for it.

For each side and number of models: models × epochs per second, operations and bytes per second, and
the time of an epoch against its two floors, the bytes that must move over the memory's bandwidth and the
operations over the rate of products, both measured here. All sides train alone, on the same images;
validation and test are cut to a batch. A side that fails says so, and the next one goes on. Run it with:

    python -m benchmarks.gpu [--fashion PATH] [--models 1,16,256,1024,4096] [--device cuda] [--sides …]

Sides (benchmarks.gpu_peers): caviar; eager, torch with one model at a time, which costs each model the same;
vmap, torch with one function mapped over models; graph, that function compiled and its step captured as a
CUDA graph; jax, vmap of a scan over minibatches. Without the images, noise of their shape stands in.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from benchmarks.gpu_peers import eager_epoch, graph_epoch, jax_epoch, vmap_epoch
from benchmarks.training import FASHION, useful_operations
from trainer import DataError, Dataset, Stack, load_data

_TOUCHES = 10  # of each parameter in a step: forward; gradient written and normed; Adam reads 4, writes 3
_WEIGHTS = 785 * 128 + 129 * 10
SIDES = ("caviar", "eager", "vmap", "graph", "jax")  # "" for none: of rows in a file, how they compare


class Floors(NamedTuple):
    """What the device can do: operations of products and bytes of memory, a second."""

    operations: float
    bytes: float


def stack_epoch(data: Dataset, models: int, device: str) -> Callable[[], object]:
    """An epoch of all models."""
    stack = Stack(data, device=device)
    for _ in range(models):
        stack.enter(FASHION)
    return stack.train_epoch


def epochs_of(side: str, data: Dataset, models: int, device: str) -> Callable[[], object]:
    """An epoch of so many models of a side; of one where it trains one at a time."""
    place = _place(device)
    if side == "caviar":
        return stack_epoch(data, models, device)
    if side == "eager":
        return eager_epoch(FASHION, data, place)
    if side == "jax":
        return jax_epoch(FASHION, data, models)
    return {"vmap": vmap_epoch, "graph": graph_epoch}[side](FASHION, data, models, place)


def seconds(epoch: Callable[[], object], device: str, repeats: int) -> float:
    """The median time of an epoch, after two that are not counted: libraries compile and capture in them."""
    times = []
    for repeat in range(repeats + 2):
        _wait(device)
        began = time.perf_counter()
        epoch()
        _wait(device)
        times += [time.perf_counter() - began] if repeat > 1 else []
    return statistics.median(times)


def floors_of(device: str) -> Floors:
    """By a copy, whose bytes are read and written, and by a float32 product in torch's own precision."""
    gpu = device.startswith("cuda")
    x = torch.zeros(1 << 28 if gpu else 1 << 24, device=device)
    y = torch.empty_like(x)
    n = 8192 if gpu else 2048
    a = torch.rand(n, n, device=device)
    return Floors(
        2 * n**3 / seconds(lambda: a @ a, device, 9),
        2 * 4 * len(x) / seconds(lambda: y.copy_(x), device, 9),
    )


def measured(
    side: str, data: Dataset, models: list[int], device: str, repeats: int
) -> Iterator[dict[str, Any]]:
    """A row for each number of models; where one fails, why, and no larger one is tried."""
    for count in [1] if side == "eager" else models:
        try:
            took = seconds(epochs_of(side, data, count, device), _place(device), repeats)
        except Exception as error:  # out of memory, no compiler: whatever it is, the other sides go on
            traceback.print_exc()
            yield {"side": side, "models": count, "failed": f"{type(error).__name__}: {error}".split("\n")[0]}
            return
        yield {"side": side, "models": count, "seconds": took}


def line(row: dict[str, Any], data: Dataset, floors: Floors) -> str:
    """A row as text."""
    head = f"{row['models']:5} {row['side']:7}"
    if "failed" in row:
        return f"{head} failed: {row['failed']}"
    models, took = row["models"], row["seconds"]
    operations = models * useful_operations(FASHION, data)
    moved = 4 * models * _TOUCHES * -(-len(data.y_train) // FASHION.batch_size) * _WEIGHTS
    floor = max(operations / floors.operations, moved / floors.bytes)
    return (
        f"{head} {models / took:10.1f} models × epochs/s {operations / took / 1e12:8.3f} TFLOP/s"
        f" {moved / took / 1e12:8.3f} TB/s {floor / took:5.2f} of the floor"
    )


def ratios(rows: list[dict[str, Any]]) -> Iterator[str]:
    """How many times as fast as each other side a stack is, for each number of models."""
    speed = {(row["side"], row["models"]): row["models"] / row["seconds"] for row in rows if "seconds" in row}
    for (side, models), own in speed.items():
        if side == "caviar":
            others = {name: speed.get((name, 1 if name == "eager" else models)) for name in SIDES[1:]}
            told = ", ".join(f"{own / other:.2f} × {name}" for name, other in others.items() if other)
            if told:
                yield f"a stack of {models} is so many times as fast: {told}"


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--fashion", help="file or folder; by default Debian's dataset-fashion-mnist")
    options.add_argument("--models", default="1,16,256,1024,4096")
    options.add_argument("--sides", default=",".join(SIDES))
    options.add_argument("--device", default="cuda", help="cuda, or torch-cpu to try the script out")
    options.add_argument("--examples", type=int, default=12_800)
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--rows", type=Path, help="a file that figures are added to, of several runs")
    given = options.parse_args()
    rows = [json.loads(text) for text in given.rows.open()] if given.rows and given.rows.exists() else []
    if not given.sides:
        print("\n".join(ratios(rows)))
        return
    data, floors = images(given.fashion, given.examples), floors_of(_place(given.device))
    print(f"products {floors.operations / 1e12:.2f} TFLOP/s, memory {floors.bytes / 1e12:.3f} TB/s")
    for side in given.sides.split(","):
        models = [int(count) for count in given.models.split(",")]
        for row in measured(side, data, models, given.device, given.repeats):
            print(line(row, data, floors), flush=True)
            rows.append(row)
            if given.rows is not None:
                with given.rows.open("a") as file:
                    file.write(json.dumps(row) + "\n")
    print("\n".join(ratios(rows)))


def images(fashion: str | None, examples: int) -> Dataset:
    """So many to train on, and a batch each of validation and test."""
    form = {"name": "fashion-mnist", **({} if fashion is None else {"path": fashion})}
    try:
        data = load_data(form)
    except DataError as error:
        print(f"noise instead of Fashion-MNIST, which is not here: {str(error).splitlines()[0]}")
        rng, sizes = np.random.default_rng(0), (examples, FASHION.batch_size, FASHION.batch_size)
        arrays = [a for m in sizes for a in (rng.random((m, 784), np.float32), rng.integers(0, 10, m))]
        return Dataset(*arrays, classes=tuple("0123456789"))
    sizes = (examples, FASHION.batch_size, FASHION.batch_size)
    arrays = [array[:size] for size, pair in zip(sizes, data.splits, strict=True) for array in pair]
    return Dataset(*arrays, classes=data.classes, scaling=data.scaling)


def _place(device: str) -> str:
    """The device as torch names it."""
    return "cpu" if device == "torch-cpu" else device


def _wait(device: str) -> None:
    if device.startswith("cuda"):
        torch.cuda.synchronize()


if __name__ == "__main__":
    main()
