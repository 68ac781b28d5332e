"""A whole sweep, from its start to its tables, on a Ray that runs: Caviar against Optuna and Ray Tune.

256 configs of a 64-64-10 network on digits, 20 epochs each, no early stopping, random configs, two workers.
All sides train with the same compiled trainer, the peers' as their users would call it; the torch sides
train the same network in a plain loop. Starts of Ray and of joblib's processes are not counted. Run it with:

    python -m benchmarks.whole_job [--trials N] [--epochs N] [--repeats N] [--torch]
"""

from __future__ import annotations

import argparse
import logging
import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import ray

import sweeps
from benchmarks.whole_job_trials import FIXED, Trial, compiled_trial, torch_trial
from trainer import mlp

logging.getLogger("ray").setLevel(logging.ERROR)
WORKERS = 2


def caviar(trials: int, epochs: int) -> None:
    """One call of `sweeps.run`."""
    with tempfile.TemporaryDirectory() as folder:
        result = sweeps.run(
            mlp,
            data="digits",
            metric="val_loss",
            space={"learning_rate": sweeps.LogUniform(1e-4, 1e-1), **FIXED},
            trials=trials,
            epochs=epochs,
            scheduler="random",
            finalists=False,
            workers=WORKERS,
            out=Path(folder) / "run",
            progress=False,
        )
        assert len(result.metrics) >= 0.9 * trials * epochs


def optuna_job(trial: Trial, trials: int, epochs: int) -> None:
    """Optuna's random sampler, and joblib's processes with a batch of trials each, as its FAQ advises."""
    import joblib
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))

    def one(rate: float) -> float:
        return trial(rate, epochs)[-1]["val_loss"]

    def asked() -> list[Any]:
        return [study.ask() for _ in range(16)]

    for _ in range(0, trials, 16):
        batch = asked()
        rates = [each.suggest_float("learning_rate", 1e-4, 1e-1, log=True) for each in batch]
        values = joblib.Parallel(WORKERS)(joblib.delayed(one)(rate) for rate in rates)
        for each, value in zip(batch, values, strict=True):
            study.tell(each, value if np.isfinite(value) else 1e9)


def tune_job(trial: Trial, trials: int, epochs: int) -> None:
    """Ray Tune's function API, one report an epoch."""
    from ray import tune

    def train(config: dict[str, Any]) -> None:
        for row in trial(config["learning_rate"], epochs):
            tune.report(dict(row))

    with tempfile.TemporaryDirectory() as folder:
        tune.Tuner(
            tune.with_resources(train, {"cpu": 1}),
            param_space={"learning_rate": tune.loguniform(1e-4, 1e-1)},
            tune_config=tune.TuneConfig(num_samples=trials, metric="val_loss", mode="min", reuse_actors=True),
            run_config=tune.RunConfig(storage_path=folder, verbose=0),
        ).fit()


def timed(work: Callable[[], None]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--trials", type=int, default=256)
    options.add_argument("--epochs", type=int, default=20)
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--torch", action="store_true", help="and the peers with torch, which take long")
    given = options.parse_args()
    warnings.simplefilter("ignore")
    size = given.trials, given.epochs
    sides: dict[str, Callable[[], None]] = {
        "Caviar": lambda: caviar(*size),
        "Optuna, joblib, same trainer": lambda: optuna_job(compiled_trial, *size),
        "Ray Tune, same trainer": lambda: tune_job(compiled_trial, *size),
    }
    if given.torch:
        sides["Optuna, joblib, torch"] = lambda: optuna_job(torch_trial, *size)
        sides["Ray Tune, torch"] = lambda: tune_job(torch_trial, *size)
    ray.init(address="local", num_cpus=WORKERS, log_to_driver=False, include_dashboard=False)
    floor = [timed(lambda: compiled_trial(1e-3, given.epochs)) for _ in range(5)]
    best = min(floor) * given.trials / WORKERS
    print(f"training alone: {1e3 * min(floor):.1f} ms a trial, so {best:.1f} s at best")
    times: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(given.repeats):
        for name, work in sides.items():
            times[name].append(timed(work))
    own = statistics.median(times["Caviar"])
    for name, seconds in times.items():
        median = statistics.median(seconds)
        print(
            f"  {name:30} {median:7.1f} s  {median / own:5.1f} x  ({', '.join(f'{s:.1f}' for s in seconds)})"
        )


if __name__ == "__main__":
    main()
