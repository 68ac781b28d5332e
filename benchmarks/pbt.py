"""Population based training against Ray Tune's: the same data, trainer, population, epochs and workers.

Both train our built-in network, a population of 16 for 54 epochs each, ready every 3, with a quarter that
exploits, on two workers. Tune's Ray runs already and its actors are reused; Caviar starts its own workers.
Tune's explore may leave the space, so its configs are clipped to it. Run it with:

    python -m benchmarks.pbt [--seeds N] [--population N] [--epochs N]
    python -m benchmarks.pbt --data FOLDER/fashion_mnist.npz --rows 4000 --population 8 --epochs 27
"""

from __future__ import annotations

import argparse
import logging
import math
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import ray
from ray import tune
from ray.tune.schedulers import PopulationBasedTraining

import sweeps
from sweeps.execution.trainables.trainable import Epochs
from sweeps.trial import Checkpoint
from trainer import Dataset, load_data, mlp

for _name in ("ray", "ray.tune"):
    logging.getLogger(_name).setLevel(logging.ERROR)
WORKERS, READY, LOST = 2, 3, 1e9
SPACE = sweeps.Space(
    {
        "learning_rate": {"log": [1e-4, 1]},
        "l2": {"log": [1e-6, 1e-1]},
        "keep_probability": {"uniform": [0.5, 1]},
        "batch_size": {"choice": [16, 32, 64, 128], "ordered": True},
        "hidden": [64],
    }
)
DOMAINS = {
    "learning_rate": tune.loguniform(1e-4, 1),
    "l2": tune.loguniform(1e-6, 1e-1),
    "keep_probability": tune.uniform(0.5, 1),
    "batch_size": [16, 32, 64, 128],
}


class TuneMLP(tune.Trainable):
    """The built-in network, an epoch a step; a config that is handed to it anew goes on from its weights."""

    def setup(self, config: dict[str, Any], data: Any = None, epochs: int = 0, seed: int = 0) -> None:
        self._data, self._epochs, self._seed = data, epochs, seed
        self.reset_config(config)

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        self._hyperparameters = {**new_config, "hidden": [64]}
        self._at: Checkpoint | None = None
        self._before: dict[str, Any] | None = None
        self._drawn: Epochs | None = None
        self._lost = False
        return True

    def step(self) -> dict[str, float]:
        if self._drawn is None:
            self._begin()
        assert self._drawn is not None
        row = None if self._lost else self._drawn.next_row()
        state = self._run._take_saved()
        epoch = 1 if self._at is None else self._at.epoch + 1
        if state is not None:
            self._at = Checkpoint(epoch, state)
        loss = (row or {}).get("val_loss")
        self._lost = loss is None or not math.isfinite(loss)
        return {"val_loss": LOST if loss is None or self._lost else loss}

    def _begin(self) -> None:
        self._run = sweeps.Run(
            epochs=self._epochs,
            seed=self._seed,
            data=self._data,
            checkpoint=self._at,
            config=self._hyperparameters,
            before=self._before,
        )
        self._drawn = Epochs(mlp, self._hyperparameters, self._run, "val_loss")

    def save_checkpoint(self, checkpoint_dir: str) -> dict[str, Any]:
        return {"at": self._at, "trained": self._hyperparameters, "lost": self._lost}

    def load_checkpoint(self, checkpoint: dict[str, Any] | None) -> None:
        assert checkpoint is not None
        self._at, self._before, self._drawn = checkpoint["at"], checkpoint["trained"], None
        self._lost = checkpoint["lost"]


def caviar(data: Dataset, population: int, epochs: int, seed: int) -> float:
    """The best validation loss."""
    with tempfile.TemporaryDirectory() as folder:
        result = sweeps.run(
            "mlp",
            data=data,
            space=SPACE.distributions,
            trials=population,
            epochs=epochs,
            scheduler=f"pbt:{READY}",
            finalists=False,
            seed=seed,
            workers=WORKERS,
            out=f"{folder}/s",
            progress=False,
        )
        return float(result.metrics["val_loss"].min())


def peer(data: Dataset, population: int, epochs: int, seed: int) -> float:
    """Tune's."""
    scheduler = PopulationBasedTraining(
        time_attr="training_iteration",
        perturbation_interval=READY,
        hyperparam_mutations=dict(DOMAINS),
        custom_explore_fn=_clipped,
    )
    with tempfile.TemporaryDirectory() as folder:
        tuner = tune.Tuner(
            tune.with_parameters(TuneMLP, data=data, epochs=epochs, seed=seed),
            param_space={**DOMAINS, "batch_size": tune.choice([16, 32, 64, 128])},
            tune_config=tune.TuneConfig(
                metric="val_loss",
                mode="min",
                num_samples=population,
                scheduler=scheduler,
                reuse_actors=True,
            ),
            run_config=tune.RunConfig(
                stop={"training_iteration": epochs}, verbose=0, storage_path=folder, name="peer"
            ),
        )
        found = tuner.fit()
        return min(float(each.metrics_dataframe["val_loss"].min()) for each in found if each.metrics)


def _loaded(form: str, rows: int | None, seed: int) -> Dataset:
    """With at most so many rows for training, and a quarter of that for validation and for the test."""
    data = load_data({"path": form} if Path(form).suffix else form, seed=seed)
    if rows is None:
        return data
    most = {"train": rows, "validation": rows // 4, "test": rows // 4}
    parts = {f"{axis}_{name}": n for name, n in most.items() for axis in "xy"}
    return replace(data, **{part: getattr(data, part)[:n] for part, n in parts.items()})


def _clipped(config: dict[str, Any]) -> dict[str, Any]:
    found = dict(config)
    for name in ("learning_rate", "l2", "keep_probability"):
        given = SPACE.distributions[name]
        found[name] = min(max(config[name], given.low), given.high)  # type: ignore[attr-defined]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--population", type=int, default=16)
    parser.add_argument("--epochs", type=int, default=54)
    parser.add_argument("--data", default="digits", help="A name, or the path of a file.")
    parser.add_argument("--rows", type=int, help="Train on so many of them.")
    given = parser.parse_args()
    size = given.population, given.epochs
    caviar(_loaded(given.data, given.rows, 0), 4, 6, 0)  # what is compiled once
    ours, theirs = [], []
    for seed in range(given.seeds):  # in turns, since other work beside them comes and goes
        data = _loaded(given.data, given.rows, seed)
        ours.append(_timed(caviar, data, *size, seed))
        print(f"seed {seed}, caviar: {ours[-1][0]:.4f} in {ours[-1][1]:.1f} s", flush=True)
        ray.init(num_cpus=WORKERS, include_dashboard=False, log_to_driver=False)
        theirs.append(_timed(peer, data, *size, seed))
        ray.shutdown()
        print(f"seed {seed}, tune: {theirs[-1][0]:.4f} in {theirs[-1][1]:.1f} s", flush=True)
    for name, runs in (("caviar", ours), ("tune", theirs)):
        losses = ", ".join(f"{loss:.4f}" for loss, _ in runs)
        seconds = ", ".join(f"{each:.1f}" for _, each in runs)
        print(f"{name:6}  best val_loss {losses}; mean {_mean(runs, 0):.4f}; seconds {seconds}")
    print(f"tune's time / caviar's: {_mean(theirs, 1) / _mean(ours, 1):.1f}")


def _timed(run: Any, *given: Any) -> tuple[float, float]:
    began = time.perf_counter()
    loss = run(*given)
    return loss, time.perf_counter() - began


def _mean(runs: list[tuple[float, float]], place: int) -> float:
    return statistics.mean(each[place] for each in runs)


if __name__ == "__main__":
    main()
