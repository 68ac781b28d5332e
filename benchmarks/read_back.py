"""How fast a sweep's tables are read back: seconds and peak memory, each in a process of its own.

The folder is made by the tables' own writers, in a temporary place that is removed in the end: trials of
eight hyperparameters and ten epochs of four metrics. Its log is empty. Run it with:

    python -m benchmarks.read_back [--trials N] [--folder FOLDER]
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from sweeps.space import Space
from sweeps.store import RunDirectory, TrialRow
from sweeps.trial import Status

_EPOCHS = 10
_METRICS = ("val_loss", "val_accuracy", "train_loss", "train_accuracy")
_AT_ONCE = 10_000  # trials between two flushes
_SPEC = "name: made\nmetric: val_loss\nmode: min\ntrials: {trials}\nepochs: 10\nfinalists: false\n"
_SPACE = {
    "learning_rate": {"log": [1e-5, 1]},
    "momentum": {"reverse_log": [0.5, 0.999]},
    "l2": {"log": [1e-6, 1]},
    "keep_probability": {"uniform": [0.5, 1]},
    "hidden_units": {"log_int": [16, 256]},
    "hidden_layers": {"int": [1, 4]},
    "optimizer": {"choice": ["momentum", "adam", "rmsprop"]},
    "batch_size": {"choice": [16, 32, 64]},
}
_READ = """
import resource, sys, time
import pandas, pyarrow.parquet  # their import is not what is measured
import sweeps
from sweeps.command import main
from sweeps.results import load, summarize
path, what = sys.argv[1:]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began, cpu = time.perf_counter(), time.process_time()
found = summarize(load(path)) if what == "summary" else getattr(load(path), what)
wall, cpu = time.perf_counter() - began, time.process_time() - cpu
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(f"{what:16} {wall:8.2f} s {cpu:8.2f} s CPU {peak / 1024:8.0f} MiB ({before / 1024:.0f} before)")
"""
_WHAT = ("best_of_search", "best", "trials", "metrics", "summary")


def make(path: Path, trials: int, seed: int = 0) -> None:
    """A run folder of so many trials that have all been trained for ten epochs."""
    directory = RunDirectory(path, _SPEC.format(trials=trials), Space(_SPACE), _METRICS)
    space, draw = Space(_SPACE), np.random.default_rng(seed)
    for first in range(0, trials, _AT_ONCE):
        numbers = range(first, min(first + _AT_ONCE, trials))
        values = draw.uniform(size=(len(numbers), len(_METRICS), _EPOCHS))
        for trial, columns in zip(numbers, values, strict=True):
            metrics = dict(zip(_METRICS, columns.tolist(), strict=True))
            best = int(columns[0].argmin())
            directory.trials.put(
                TrialRow(
                    trial,
                    0,
                    space.config(draw.uniform(size=len(space.searched))),
                    seed=trial,
                    status=Status.COMPLETED,
                    objective=float(columns[0, best]),
                    best_epoch=best + 1,
                    epochs=_EPOCHS,
                    seconds=0.5,
                    worker="worker-1",
                )
            )
            directory.metrics.append(trial, 1, _EPOCHS, metrics)
        directory.commit([])
    directory.close([])


def measure(path: Path) -> None:
    """Print what each reading takes."""
    for what in _WHAT:
        subprocess.run([sys.executable, "-c", _READ, str(path), what], check=True)
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "sweeps", "show", str(path)], check=True, capture_output=True)
    print(f"caviar show      {time.perf_counter() - began:8.2f} s, with the start of Python")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--trials", type=int, default=1_000_000)
    parser.add_argument(
        "--folder", type=Path, help="make it there and leave it, or read the one that is there"
    )
    given = parser.parse_args()
    made = Path(tempfile.mkdtemp(prefix="caviar-read-"))
    path = given.folder or made / "run"
    try:
        if not path.exists():
            began = time.perf_counter()
            make(path, given.trials)
            print(f"made in {time.perf_counter() - began:.0f} s")
        files = [file for file in path.rglob("*") if file.is_file()]
        size = sum(file.stat().st_size for file in files)
        print(f"{len(files)} files, {size / 1e6:.0f} MB")
        measure(path)
    finally:
        shutil.rmtree(made)


if __name__ == "__main__":
    main()
