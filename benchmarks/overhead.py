"""Trials per second, no-op trials of ten rows each, tables written: Caviar against Ray Tune and bare Ray.

Ray Tune runs at its fastest setting, `reuse_actors=True`. Bare Ray is the same work, one trial a call, two
calls in flight for each of two actors, with nothing decided, kept or written. All use the same Ray, started
once. Run it with:

    python -m benchmarks.overhead [--trials N] [--tune-trials N] [--calls N] [--repeats N]
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
from typing import Any

import pandas as pd
import ray

import sweeps
from benchmarks import noop
from sweeps.execution import Run

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


class BareActor:
    """Trains a no-op trial a call."""

    def train(self, x: float) -> list[dict[str, float]]:
        return list(noop.train({"x": x}, Run(epochs=noop.ROWS)))


def bare_rate(calls: int) -> float:
    """Calls per second of two actors of Ray's with two calls in flight each."""
    actor_class: Any = ray.remote(num_cpus=1)(BareActor)
    actors = [actor_class.remote() for _ in range(2)]
    ray.get([actor.train.remote(0.5) for actor in actors])
    began = time.perf_counter()
    flying = {actor.train.remote(0.5): actor for actor in 2 * actors}
    for _ in range(calls):
        (done,), _ = ray.wait(list(flying))
        ray.get(done)
        actor = flying.pop(done)
        flying[actor.train.remote(0.5)] = actor
    rate = calls / (time.perf_counter() - began)
    for actor in actors:
        ray.kill(actor)
    return rate


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
    options.add_argument("--trials", type=int, default=20_000)
    options.add_argument("--tune-trials", type=int, default=100)
    options.add_argument("--calls", type=int, default=3000)
    options.add_argument("--repeats", type=int, default=3)
    given = options.parse_args()
    os.environ["RAY_AIR_NEW_OUTPUT"] = "0"
    warnings.simplefilter("ignore")
    ray.init(address="local", log_to_driver=False, configure_logging=False, num_cpus=2)
    rounds = [
        (caviar_rate(given.trials), bare_rate(given.calls), tune_rate(given.tune_trials))
        for _ in range(given.repeats)
    ]
    for name, rates in zip(("caviar", "bare ray", "ray tune"), zip(*rounds, strict=True), strict=True):
        ratio = statistics.median(ours / rate for (ours, *_), rate in zip(rounds, rates, strict=True))
        runs = ", ".join(f"{rate:.1f}" for rate in rates)
        print(f"{name:9s} {statistics.median(rates):8.1f} trials/s; caviar: {ratio:.2f} times  [{runs}]")
    ray.shutdown()


if __name__ == "__main__":
    main()
