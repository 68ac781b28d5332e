"""Trials per second, no-op trials of ten rows each, tables written: Caviar against Ray Tune.

One trial a call on both sides. Ray Tune runs at its fastest setting, `reuse_actors=True`, and both use the
same Ray, started once. Run it with:

    python -m benchmarks.overhead [--trials N] [--tune-trials N] [--repeats N]
"""

from __future__ import annotations

import argparse
import logging
import os
import statistics
import tempfile
import time
import warnings
from pathlib import Path

import pandas as pd
import ray

import sweeps
from benchmarks import noop

logging.getLogger("ray").setLevel(logging.ERROR)


def caviar_rate(trials: int) -> float:
    """Trials per second of a whole sweep: workers started, trials run, tables durable on disk."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "noop"
        began = time.perf_counter()
        sweeps.run(
            noop.train,
            space={"x": sweeps.Uniform(0, 1)},
            trials=trials,
            epochs=noop.ROWS,
            scheduler="random",
            finalists=False,
            out=out,
            progress=False,
        )
        seconds = time.perf_counter() - began
        assert len(pd.read_parquet(out / "trials")) == trials
        assert len(pd.read_parquet(out / "metrics")) == trials * noop.ROWS
    return trials / seconds


def tune_rate(trials: int) -> float:
    """Trials per second of the same in Ray Tune."""
    from ray import tune

    from benchmarks.tune_noop import TuneNoop

    with tempfile.TemporaryDirectory() as folder:
        tuner = tune.Tuner(
            TuneNoop,
            param_space={"x": tune.uniform(0, 1)},
            tune_config=tune.TuneConfig(num_samples=trials, reuse_actors=True, metric="val_loss", mode="min"),
            run_config=tune.RunConfig(storage_path=folder, stop={"training_iteration": noop.ROWS}, verbose=0),
        )
        began = time.perf_counter()
        results = tuner.fit()
        seconds = time.perf_counter() - began
        assert len(results) == trials
    return trials / seconds


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--trials", type=int, default=5000)
    options.add_argument("--tune-trials", type=int, default=100)
    options.add_argument("--repeats", type=int, default=3)
    given = options.parse_args()
    os.environ["RAY_AIR_NEW_OUTPUT"] = "0"
    warnings.simplefilter("ignore")
    ray.init(address="local", log_to_driver=False, configure_logging=False, num_cpus=2)
    pairs = [(caviar_rate(given.trials), tune_rate(given.tune_trials)) for _ in range(given.repeats)]
    ours, theirs = (statistics.median(side) for side in zip(*pairs, strict=True))
    print(f"caviar    {ours:8.0f} trials/s  ({ours * noop.ROWS:.0f} rows/s)  {[round(a) for a, _ in pairs]}")
    print(f"ray tune  {theirs:8.1f} trials/s  {[round(b, 1) for _, b in pairs]}")
    print(f"ratio     {ours / theirs:8.0f}")
    ray.shutdown()


if __name__ == "__main__":
    main()
