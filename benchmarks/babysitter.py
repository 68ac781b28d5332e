"""A scripted babysitter, which does what alarms propose, against schedules that were fixed in advance.

One model, the same first config, the same number of epochs in all, roll backs included, on the same seeds and
splits: `python -m benchmarks.babysitter [--epochs 40] [--data fashion-mnist --path FILE --rows 3000]`.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import numpy as np

import sweeps

CONFIG = {"l2": 0.0, "hidden_units": 64, "batch_size": 64}
RATES = (0.001, 0.01, 0.1)
HOW = ("constant", "cosine", "babysat")
Losses = tuple[float, float]


def trained(how: str, rate: float, data: Any, epochs: int, seed: int, out: Path) -> Losses:
    """The validation loss at the best epoch, and the test loss there."""
    space: dict[str, Any] = {**CONFIG, "learning_rate": rate}
    if how == "cosine":
        space |= {"schedule": "cosine", "decay_horizon": epochs}
    result = sweeps.panda(
        "mlp",
        data=data,
        space=space,
        epochs=epochs,
        limits={"epochs": epochs},
        seed=seed,
        out=out,
        progress=False,
        autopilot=how == "babysat",
    )
    best = result.best
    return (float("nan"), float("nan")) if best is None else (best.objective, best.metrics["test_loss"])


def said(how: str, rate: float, own: list[Losses], babysat: list[Losses]) -> str:
    """A row: the means, and the paired differences of babysat's: mean and standard error."""
    val, test = zip(*own, strict=True)
    row = f"rate {rate:<6} {how:8} val {fmean(val):.4f}, test {fmean(test):.4f}"
    if how == "babysat":
        return row
    for place, name in enumerate(("val", "test")):
        less = [ours[place] - theirs[place] for ours, theirs in zip(babysat, own, strict=True)]
        wins = sum(each < 0 for each in less)
        row += f"; babysat {name} {fmean(less):+.4f} ± {stdev(less) / len(less) ** 0.5:.4f}, {wins} better"
    return row


@contextmanager
def part_of(path: str, rows: int | None) -> Iterator[str]:
    """An .npz with the first rows of another one, in a file that is removed afterwards."""
    if rows is None:
        yield path
        return
    with np.load(path) as whole, tempfile.TemporaryDirectory() as folder:
        part = str(Path(folder) / "part.npz")
        np.savez(part, **{name: whole[name][:rows] for name in ("x_train", "y_train", "x_test", "y_test")})
        yield part


def compare(data: Any, epochs: int, seeds: int) -> None:
    """Print a row for each first learning rate and way."""
    for rate in RATES:
        found: dict[str, list[Losses]] = {how: [] for how in HOW}
        for seed in range(seeds):
            for how in HOW:
                with tempfile.TemporaryDirectory() as folder:
                    found[how].append(trained(how, rate, data, epochs, seed, Path(folder) / "p"))
        for how in HOW:
            print(said(how, rate, found[how], found["babysat"]), flush=True)


def main() -> None:
    """Compare on the data that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="digits")
    parser.add_argument("--path")
    parser.add_argument("--rows", type=int)
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--seeds", type=int, default=10)
    given = parser.parse_args()
    print(f"{given.data}, {given.epochs} epochs, {given.seeds} seeds; means, differences ± standard error")
    if given.path is None:
        compare(given.data, given.epochs, given.seeds)
        return
    with part_of(given.path, given.rows) as path:
        compare({"name": given.data, "path": path}, given.epochs, given.seeds)


if __name__ == "__main__":
    main()
