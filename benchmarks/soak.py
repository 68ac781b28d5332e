"""Kills workers and drivers for minutes, resumes each time, and counts what was lost or doubled.

A sweep of many short trials runs in a process of its own. Every few seconds a worker or the driver is killed
by SIGKILL; a driver that has died is followed by another, which resumes. In the end the tables are held
against what each trial must have given: its metrics depend on its config and its seed alone. Run it with:

    python -m benchmarks.soak [--trials N] [--minutes M] [--workers W]
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import pandas as pd

import sweeps
from sweeps.events import JobReported
from sweeps.store import LogReader

EPOCHS = 9
_DRIVER = """
import sys
import sweeps
from benchmarks.soak import sweep_or_resume
if __name__ == "__main__":
    sweep_or_resume(*sys.argv[1:])
"""


def train(config: dict[str, float], run: sweeps.Run) -> object:
    """A short trial whose metrics are a function of its config, its seed and the epoch."""
    saved = run.restore()
    start = 0 if saved is None else run.start
    for epoch in range(start, run.epochs):
        time.sleep(0.1)
        run.save({"epoch": [epoch]})
        yield {"val_loss": loss(config["x"], run.seed, epoch)}


def loss(x: float, seed: int, epoch: int) -> float:
    """What the trial reports after so many epochs."""
    return (x - 0.3) ** 2 + 1 / (1 + epoch) + seed % 7


def sweep_or_resume(folder: str, trials: str, workers: str) -> None:
    """One driver's life."""
    path = Path(folder)
    known = {"data": None, "workers": int(workers), "progress": False}
    if (path / "log").is_dir() and LogReader(path / "log").last(sweeps.events.SearchBegun) is not None:
        sweeps.resume(path, train=train, **known)
        return
    space = {"x": sweeps.Uniform(0, 1)}
    sweeps.run(train, space=space, trials=int(trials), epochs=EPOCHS, scheduler="asha", out=path, **known)


def soak(folder: Path, trials: int, workers: int, seconds: float, seed: int = 0) -> dict[str, float]:
    """Run, kill and resume until the sweep is complete; kills stop after so many seconds."""
    rng, began = random.Random(seed), time.monotonic()  # noqa: S311 - moments to kill at
    deaths = {"drivers": 0, "workers": 0, "heard": 0, "lost": 0}
    while True:
        driver = subprocess.Popen(
            [sys.executable, "-c", _DRIVER, str(folder), str(trials), str(workers)],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
            start_new_session=True,
        )
        _kill_some(driver, folder, began + seconds, rng, deaths)
        if driver.wait() == 0:
            return deaths
        deaths["lost"] += _lost(folder, deaths)


def _kill_some(
    driver: subprocess.Popen[bytes], folder: Path, until: float, rng: random.Random, deaths: dict[str, float]
) -> None:
    """Kill workers of this driver, and in the end the driver itself, unless it is done before."""
    while driver.poll() is None and time.monotonic() < until:
        try:
            driver.wait(timeout=rng.uniform(1.0, 6.0))
            return
        except subprocess.TimeoutExpired:
            pass
        workers = [pid for pid, name in _children(driver.pid) if _is_worker(name)]
        if workers and rng.random() < 0.7:
            deaths["workers"] += 1
            _kill(rng.choice(workers))
        elif workers:
            deaths["drivers"] += 1
            _kill(driver.pid)
            _end_ray(driver.pid)
            return


def _is_worker(name: str) -> bool:
    """Whether a process of Ray's trains: its agents have names like it."""
    return name.startswith("ray::") and not name.endswith("Agent") and "IDLE" not in name


def _lost(folder: Path, deaths: dict[str, float]) -> int:
    """How many fewer epochs the log has than it had when a driver before this one died."""
    now = sum(event.count for event in LogReader(folder / "log") if isinstance(event, JobReported))
    before, deaths["heard"] = int(deaths["heard"]), now
    return max(before - now, 0)


def check(folder: Path) -> dict[str, int]:
    """Hold the tables against what the trials must have given."""
    result = sweeps.load(folder)
    trials = result.trials.set_index("trial")
    metrics = result.metrics
    x = pd.Series(trials["config.x"])
    wrong = [
        row.val_loss != loss(x[row.trial], int(trials.seed[row.trial]), int(row.epoch) - 1)
        for row in metrics.itertuples()
    ]
    have = metrics.groupby("trial").epoch.agg(["count", "max"])
    told = trials.epochs[trials.epochs > 0]
    return {
        "trials": len(trials),
        "rows": len(metrics),
        "doubled": int(metrics.duplicated(["trial", "epoch"]).sum()) + int(trials.index.duplicated().sum()),
        "lost": int((have["count"].reindex(told.index) != told).sum()),
        "wrong": sum(wrong),
        "unfinished": int(trials.status.isin(["running", "interrupted"]).sum()),
        "failed": int((trials.status == "failed").sum()),
    }


def _children(pid: int) -> list[tuple[int, str]]:
    """All processes below one, with what they call themselves."""
    parents, names = {}, {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                stat = (folder / "stat").read_text()
                names[int(folder.name)] = (
                    (folder / "cmdline").read_bytes().partition(b"\0")[0].decode(errors="replace")
                )
            except OSError:
                continue
            parents[int(folder.name)] = int(stat.rpartition(")")[2].split()[1])
    found, fresh = [], [pid]
    while fresh:
        fresh = [child for child, parent in parents.items() if parent in fresh]
        found += [(child, names.get(child, "")) for child in fresh]
    return found


def _end_ray(driver: int) -> None:
    """A killed driver cannot end the Ray that it started; its session's processes are ended here."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                session = int((folder / "stat").read_text().rpartition(")")[2].split()[3])
            except OSError:
                continue
            if session == driver:
                _kill(int(folder.name))


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=5000)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "soak"
        began = time.monotonic()
        deaths = soak(out, asked.trials, asked.workers, 60 * asked.minutes)
        found = check(out)
    minutes = (time.monotonic() - began) / 60
    print(f"{minutes:.1f} minutes; killed {deaths['drivers']} drivers and {deaths['workers']} workers")
    print(", ".join(f"{name} {count}" for name, count in found.items()))
    print(f"acknowledged epochs that a driver's death lost: {deaths['lost']}")
    sys.exit(
        bool(found["doubled"] or found["lost"] or found["wrong"] or found["unfinished"] or deaths["lost"])
    )


if __name__ == "__main__":
    main()
