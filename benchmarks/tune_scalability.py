"""Ray Tune's own scalability tests, scaled to one machine: how far both sides are from the ideal time.

Trials sleep, so that only bookkeeping costs anything, on eight workers of one Ray that runs already. Those
tests, in the folder of release tests of its repository, have more trials and machines. Run it with:

    python -m benchmarks.tune_scalability [--repeats N]
"""

from __future__ import annotations

import argparse
import logging
import statistics
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import ray

import sweeps

logging.getLogger("ray").setLevel(logging.ERROR)
WORKERS = 8


class Case(NamedTuple):
    """Trials of so many results, a result each so many seconds, with a checkpoint of so many MiB each."""

    name: str
    trials: int
    results: int
    seconds: float
    mebibytes: int = 0

    @property
    def ideal(self) -> float:
        """Seconds, if nothing but the sleep took any time."""
        return self.trials / WORKERS * self.results * self.seconds


CASES = (
    Case("bookkeeping: trials of 1 s, one result", trials=160, results=1, seconds=1.0),
    Case("results: ten a second and trial", trials=16, results=100, seconds=0.1),
    Case("checkpoints of 16 MiB, one a second", trials=16, results=10, seconds=1.0, mebibytes=16),
)


def caviar(case: Case) -> None:
    def train(config: dict[str, Any], run: sweeps.Run) -> Iterator[dict[str, float]]:
        for _ in range(run.start, run.epochs):
            time.sleep(case.seconds)
            if case.mebibytes:
                run.save({"weights": np.zeros(case.mebibytes << 17)})
            yield {"val_loss": config["x"]}

    with tempfile.TemporaryDirectory() as folder:
        sweeps.run(
            train,
            space={"x": sweeps.Uniform(0, 1)},
            trials=case.trials,
            epochs=case.results,
            scheduler="random",
            finalists=False,
            workers=WORKERS,
            out=Path(folder) / "run",
            progress=False,
        )


def tune(case: Case) -> None:
    from ray import tune

    def train(config: dict[str, Any]) -> None:
        for _ in range(case.results):
            time.sleep(case.seconds)
            if not case.mebibytes:
                tune.report({"val_loss": config["x"]})
                continue
            with tempfile.TemporaryDirectory() as folder:
                np.save(Path(folder) / "weights.npy", np.zeros(case.mebibytes << 17))
                tune.report({"val_loss": config["x"]}, checkpoint=tune.Checkpoint.from_directory(folder))

    kept = tune.CheckpointConfig(num_to_keep=1)
    with tempfile.TemporaryDirectory() as folder:
        tune.Tuner(
            tune.with_resources(train, {"cpu": 1}),
            param_space={"x": tune.uniform(0, 1)},
            tune_config=tune.TuneConfig(
                num_samples=case.trials, metric="val_loss", mode="min", reuse_actors=True
            ),
            run_config=tune.RunConfig(storage_path=folder, verbose=0, checkpoint_config=kept),
        ).fit()


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--repeats", type=int, default=3)
    given = options.parse_args()
    warnings.simplefilter("ignore")
    ray.init(address="local", num_cpus=WORKERS, log_to_driver=False, include_dashboard=False)
    for case in CASES:
        print(f"{case.name}; ideal {case.ideal:.0f} s", flush=True)
        for name, side in (("Caviar", caviar), ("Ray Tune", tune)):
            times = []
            for _ in range(given.repeats):
                began = time.perf_counter()
                side(case)
                times.append(time.perf_counter() - began)
            median = statistics.median(times)
            each = ", ".join(f"{seconds:.1f}" for seconds in times)
            print(
                f"  {name:10} {median:6.1f} s  {median / case.ideal:5.2f} x the ideal  ({each})", flush=True
            )


if __name__ == "__main__":
    main()
