"""A scripted babysitter, which does what alarms propose, against schedules that were fixed in advance.

One model, the same first config, the same number of epochs in all, roll backs included, on the same seeds and
splits: `python -m benchmarks.babysitter [--data digits] [--path FOLDER] [--epochs 40] [--seeds 10]`.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

import sweeps

CONFIG = {"l2": 0.0, "hidden_units": 64, "batch_size": 64}
RATES = (0.001, 0.01, 0.1)
HOW = ("fixed", "cosine", "babysat")


def trained(how: str, rate: float, data: Any, epochs: int, seed: int, out: Path) -> tuple[float, float]:
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


def main() -> None:
    """Print a row for each first learning rate and way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default="digits")
    parser.add_argument("--path")
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--seeds", type=int, default=10)
    given = parser.parse_args()
    data = given.data if given.path is None else {"name": given.data, "path": given.path}
    print(f"{given.data}, {given.epochs} epochs, {given.seeds} seeds; mean ± deviation, wins of babysat")
    for rate in RATES:
        found: dict[str, list[tuple[float, float]]] = {how: [] for how in HOW}
        for seed in range(given.seeds):
            for how in HOW:
                with tempfile.TemporaryDirectory() as folder:
                    found[how].append(trained(how, rate, data, given.epochs, seed, Path(folder) / "p"))
        for how in HOW:
            val, test = zip(*found[how], strict=True)
            wins = sum(
                ours < theirs for (ours, _), (theirs, _) in zip(found["babysat"], found[how], strict=True)
            )
            print(f"rate {rate:<6} {how:8} val {fmean(val):.4f} ± {stdev(val):.4f}, "
                  f"test {fmean(test):.4f} ± {stdev(test):.4f}, {wins} of {given.seeds}")  # fmt: skip


if __name__ == "__main__":
    main()
