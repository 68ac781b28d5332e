"""A serial sweep of the network on a device: trials a second, with the tables written, and the best of them.

Run it with:

    python -m benchmarks.gpu_sweep [--device cuda] [--trials 64] [--examples 12800] [--epochs 9] [--alone]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sweeps
from benchmarks.gpu import images
from trainer import MLP, Run


class Alone(MLP):
    """The network without packs."""

    def pack_key(self, config: Mapping[str, Any], run: Run) -> None:
        return None


SPACE = {
    "learning_rate": sweeps.LogUniform(1e-4, 1e-1),
    "hidden_units": sweeps.LogIntUniform(16, 256),
    "keep_probability": sweeps.Uniform(0.5, 1.0),
    "batch_size": 128,
}


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--fashion", help="file or folder; by default Debian's dataset-fashion-mnist")
    options.add_argument("--device", default="cuda")
    options.add_argument("--trials", type=int, default=64)
    options.add_argument("--epochs", type=int, default=9)
    options.add_argument("--examples", type=int, default=12_800)
    options.add_argument("--alone", action="store_true", help="one model at a time instead of packs")
    given = options.parse_args()
    data = images(given.fashion, given.examples)
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        result = sweeps.run(
            Alone() if given.alone else "mlp",
            space=SPACE,
            data=data,
            trials=given.trials,
            epochs=given.epochs,
            finalists=False,
            scheduler="random",
            device=given.device,
            out=Path(folder) / "run",
            serial=True,
            progress=False,
        )
        took = time.perf_counter() - began
        epochs = len(result.metrics)
        how = "one at a time" if given.alone else "in packs"
        print(f"{given.trials} trials {how} on {given.device} in {took:.1f} s: {epochs / took:.1f} epochs/s")
        print(result.trials.status.value_counts().to_string())
        print(f"best: {result.best}")


if __name__ == "__main__":
    main()
