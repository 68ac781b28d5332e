"""How many workers one process can keep busy: the whole sweep loop on thousands of virtual workers.

Nothing is trained: a virtual worker's job ends after so many simulated seconds. All else is real: the
scheduler, the ledger, the log and the tables on disk. The CPU time that this process takes for it passes in
the simulation, too, so workers wait for it as real ones would; `--call` adds what Ray takes for a call and
its answer. Run it with:

    python -m benchmarks.scaling [--workers N …] [--seconds S …] [--scheduler NAME] [--call MICROSECONDS]
"""

from __future__ import annotations

import argparse
import heapq
import importlib
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.deciding import EPOCHS, SPACE, loss
from sweeps.columns import ColumnRows
from sweeps.execution import Lost
from sweeps.interrupt import StopFlag
from sweeps.spec import as_spec
from sweeps.sweep import make_plan
from sweeps.trial import Checkpoint, Job, Report

execute: Any = importlib.import_module("sweeps.face.execute")
SPREAD = 0.5  # the standard deviation of the logarithm of a trial's pace
TRIALS_A_WORKER = 8


def train(config: dict[str, Any], run: Any) -> Iterator[dict[str, float]]:
    """Stands for what the virtual workers train; it is never called."""
    yield {"val_loss": 0.0}


class VirtualWorkers:
    """An executor in simulated time.

    Args:
        workers: How many train at once; each has one more job waiting.
        seconds: That a full training takes in the median.
        call: Seconds of this process that a job costs beyond what is done here.

    Attributes:
        now: The simulated time in seconds.
        asked: When the last trial was asked for: after it, fewer and fewer workers have anything to train.
    """

    description = "virtual workers"

    def __init__(self, workers: int, seconds: float, call: float) -> None:
        self.workers, self._epoch_seconds, self._call = workers, seconds / EPOCHS, call
        self._rng = np.random.default_rng(0)
        self._running: list[tuple[float, int, Job]] = []
        self._idle_since = [0.0] * workers  # of each worker: when its last job ended
        self._count = self.jobs = 0
        self.now = self.asked = 0.0
        self._trained: list[tuple[float, float]] = []  # when each job began and ended
        self._cpu = time.process_time()

    @property
    def free(self) -> int:
        return 2 * self.workers - len(self._running)

    def submit(self, job: Job, checkpoint: Checkpoint | None = None) -> None:
        self._tick()
        self.now += self._call
        begins = max(self.now, heapq.heappop(self._idle_since))
        pace = np.exp(SPREAD * np.random.default_rng(job.trial).standard_normal())
        seconds = float((job.stop - job.start) * self._epoch_seconds * pace)
        self._trained.append((begins, begins + seconds))
        self.asked = self.now if not job.start else self.asked
        self.jobs += 1
        heapq.heappush(self._idle_since, begins + seconds)
        heapq.heappush(self._running, (begins + seconds, self.jobs, job))

    def poll(self, timeout: float) -> list[Report]:
        self._tick()
        if self._running and self._running[0][0] > self.now:
            self.now = min(self.now + timeout, self._running[0][0])
        ended = []
        while self._running and self._running[0][0] <= self.now:
            ended.append(self._report(heapq.heappop(self._running)[2]))
        return ended

    @property
    def busy(self) -> float:
        """The share of the workers' time that was training, as long as there were trials to begin."""
        trained = sum(min(end, self.asked) - begin for begin, end in self._trained if begin < self.asked)
        return trained / (self.workers * self.asked)

    def _report(self, job: Job) -> Report:
        epochs = range(job.start + 1, job.stop + 1)
        noise = self._rng.standard_normal(len(epochs))
        values = [loss(job.config, epoch, float(each)) for epoch, each in zip(epochs, noise, strict=True)]
        rows = ColumnRows({"val_loss": values}, len(values))
        return Report(job.trial, job.stop, min(values), rows=rows, seconds=1.0, worker="virtual")

    def _tick(self) -> None:
        """Let the time pass that this process has worked since the last call."""
        before, self._cpu = self._cpu, time.process_time()
        self.now += self._cpu - before

    def stop(self, trial: int, why: str | None = None) -> None: ...

    def kill(self, trial: int, why: str) -> None: ...

    def silent(self) -> Mapping[int, float]:
        return {}

    def retried(self) -> list[Lost]:
        return []

    def notices(self) -> list[str]:
        return []

    def close(self) -> None: ...


def busy(workers: int, seconds: float, scheduler: str, call: float) -> tuple[float, float]:
    """The share of the workers' time that was training, and milliseconds of this process a job."""
    trials = TRIALS_A_WORKER * workers
    form = {"scheduler": scheduler, "trials": trials, "epochs": EPOCHS, "finalists": False}
    plan = make_plan(as_spec({"trainable": "benchmarks.scaling:train", "space": SPACE, **form}), train, None)
    pool = VirtualWorkers(workers, seconds, call)

    @contextmanager
    def running(*_: Any) -> Iterator[tuple[VirtualWorkers, StopFlag]]:
        yield pool, StopFlag()

    execute.running_executor = running
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        execute.execute(plan, out=Path(folder) / "run")
    spent = time.process_time() - began
    return pool.busy, 1000 * (spent / pool.jobs + call)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--workers", type=int, nargs="+", default=[100, 1_000, 10_000])
    options.add_argument("--seconds", type=float, nargs="+", default=[10.0, 60.0, 600.0])
    options.add_argument("--scheduler", default="random")
    options.add_argument("--call", type=float, default=200.0, help="microseconds")
    given = options.parse_args()
    for workers in given.workers:
        for seconds in given.seconds:
            share, cost = busy(workers, seconds, given.scheduler, given.call / 1e6)
            print(
                f"{given.scheduler:15} {workers:6} workers, {seconds:6.0f} s a trial: "
                f"{100 * share:5.1f} % busy, {cost:.2f} ms a job",
                flush=True,
            )


if __name__ == "__main__":
    main()
