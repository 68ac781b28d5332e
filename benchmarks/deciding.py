"""Milliseconds of deciding per trial: coarse to fine in long sweeps, and a peer at a size that it can bear.

Nothing is trained. Reports come back in simulated time, from workers whose jobs take up to ten times as long
as one another's; the scheduler's own `ask` and `tell` are timed, in seconds of this process's CPU, so that
others on the machine count for little. Run it with:

    python -m benchmarks.deciding [--trials N …] [--workers N …] [--peer NAME] [--peer-trials N]
"""

from __future__ import annotations

import argparse
import heapq
import math
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from sweeps.schedulers import Scheduler, build_scheduler
from sweeps.space import Config, Space
from sweeps.trial import Job, Report

T = TypeVar("T")

EPOCHS = 27
SPREAD = 10  # how many times as long the slowest trial's epochs take as the fastest's
NOISE = 0.02
SPACE = {
    "rate": {"log": [1e-5, 1]},
    "decay": {"log": [1e-8, 1e-2]},
    "width": {"log_int": [8, 1024]},
    "layers": {"int": [1, 6]},
    "dropout": {"uniform": [0, 0.6]},
    "batch": {"choice": [16, 32, 64, 128], "ordered": True},
    "optimizer": {"choice": ["adam", "sgd", "rmsprop"]},
    "momentum": {"uniform": [0.5, 1], "when": {"optimizer": "sgd"}},
}


class Timed:
    """A scheduler with a watch on it. seconds: spent in it so far."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler, self.seconds = scheduler, 0.0

    def ask(self, capacity: int) -> list[Job]:
        return self._clock(lambda: self._scheduler.ask(capacity))

    def tell(self, report: Report) -> None:
        self._clock(lambda: self._scheduler.tell(report))

    @property
    def finished(self) -> bool:
        return self._clock(lambda: self._scheduler.finished)

    def _clock(self, decide: Callable[[], T]) -> T:
        began = time.process_time()
        given = decide()
        self.seconds += time.process_time() - began
        return given


def loss(config: Config, epochs: int, noise: float) -> float:
    """What a config would give: a bowl whose centre depends on the optimizer, less steep with more epochs."""
    rate, decay = (math.log10(float(config[name])) for name in ("rate", "decay"))  # type: ignore[arg-type]
    centre = {"adam": -3.0, "sgd": -1.5, "rmsprop": -3.5}[str(config["optimizer"])]
    size = float(config["layers"]) * math.log2(float(config["width"]))  # type: ignore[arg-type]
    parts = (
        (rate - centre) / 2,
        (decay + 5) / 6,
        (size - 24) / 30,
        float(config["dropout"]) - 0.2,  # type: ignore[arg-type]
        float(config.get("momentum", 0.8)) - 0.9,  # type: ignore[arg-type]
        math.log2(float(config["batch"]) / 32) / 8,  # type: ignore[arg-type]
    )
    return sum(part * part for part in parts) + 1 / epochs + NOISE * noise


def milliseconds(name: str, trials: int, workers: int, seed: int = 0) -> float:
    """What a trial costs a scheduler of this name, on average over a whole sweep."""
    space = Space(SPACE)
    scheduler = Timed(build_scheduler(name, space, trials=trials, epochs=EPOCHS, mode="min", seed=seed))
    rng = np.random.default_rng(seed)
    pace = SPREAD ** rng.random(trials)
    running: list[tuple[float, int, Report]] = []
    now, asked = 0.0, 0
    while not scheduler.finished:
        for job in scheduler.ask(workers - len(running)):
            report = Report(job.trial, job.stop, loss(job.config, job.stop, rng.standard_normal()))
            asked += 1
            heapq.heappush(running, (now + (job.stop - job.start) * pace[job.trial], asked, report))
        now, _, report = heapq.heappop(running)
        scheduler.tell(report)
    return 1000 * scheduler.seconds / trials


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--trials", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    options.add_argument("--workers", type=int, nargs="+", default=[1, 64])
    options.add_argument("--peer", default="optuna:tpe", help="a scheduler's name, or none")
    options.add_argument("--peer-trials", type=int, default=1_000)
    given = options.parse_args()
    for workers in given.workers:
        cost = {}
        for trials in sorted({*given.trials, given.peer_trials}):
            cost[trials] = milliseconds("coarse_to_fine", trials, workers)
            print(_line("coarse_to_fine", trials, workers, cost[trials]), flush=True)
        if given.peer != "none":
            theirs = milliseconds(given.peer, given.peer_trials, workers)
            ratio = f", {theirs / cost[given.peer_trials]:.1f} times as much"
            print(_line(given.peer, given.peer_trials, workers, theirs) + ratio, flush=True)


def _line(name: str, trials: int, workers: int, cost: float) -> str:
    return f"{name:14}  {trials:7} trials  {workers:3} workers  {cost:8.2f} ms a trial"


if __name__ == "__main__":
    main()
