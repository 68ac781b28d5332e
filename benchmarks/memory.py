"""Whether a sweep is flat: the driver's memory and its time per no-op trial of ten rows, as trials go on.

Memory is the growth of the peak after a warm-up; time is that of the last tenth of the trials against the
second tenth. Run it with:

    python -m benchmarks.memory [--trials N] [--serial] [--scheduler NAME]
"""

from __future__ import annotations

import argparse
import resource
import signal
import sys
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks import noop
from sweeps.face import execute
from sweeps.schedulers import OWN_NAMES
from sweeps.spec import as_spec
from sweeps.sweep import make_plan
from sweeps.sweep.progress import Progress, Silent

_WARM_UP = 2000


class Moment(NamedTuple):
    """Trials done by then, the driver's peak resident memory in KiB, and its time and CPU time in seconds."""

    done: int
    peak: int
    time: float
    cpu: float


class Watcher(Silent):
    """Notes where the sweep stands after the warm-up, at each tenth of its trials and at the end."""

    def __init__(self, trials: int) -> None:
        self._due = sorted([_WARM_UP, *(trials * tenth // 10 for tenth in range(1, 10))])
        self.seen: list[Moment] = []

    def update(self, progress: Progress) -> None:
        while self._due and progress.done >= self._due[0]:
            self._due.pop(0)
            self._note(progress)

    def finished(self, progress: Progress) -> None:
        self._note(progress)

    def _note(self, progress: Progress) -> None:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        self.seen.append(Moment(progress.done, peak, time.perf_counter(), time.process_time()))


def per_trial(first: Moment, last: Moment) -> NDArray[np.float64]:
    """Microseconds and CPU microseconds of a trial between two moments."""
    spent = np.array([last.time - first.time, last.cpu - first.cpu])
    return 1e6 * spent / (last.done - first.done)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--trials", type=int, default=20_000)
    options.add_argument("--serial", action="store_true")
    options.add_argument("--scheduler", choices=OWN_NAMES)
    given = options.parse_args()
    # An exit that runs its course, so that the pool ends its process.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    for scheduler in [given.scheduler] if given.scheduler else OWN_NAMES:
        # A process each: the peak of the first would hide the growth of the second.
        with get_context("spawn").Pool(1) as pool:
            seen = pool.apply(_watched, (given.trials, scheduler, given.serial))
        warm = next(moment for moment in seen if moment.done >= _WARM_UP)
        growth = (seen[-1].peak - warm.peak) / (seen[-1].done - warm.done)
        tenths = [moment for moment in seen if moment.done >= given.trials // 10][-10:]
        second, last = per_trial(*tenths[:2]), per_trial(*tenths[-2:])
        print(
            f"{scheduler:15s} {growth:6.2f} KiB a trial, {seen[-1].peak / 1024:.0f} MiB in the end; "
            f"µs a trial in the second tenth {second.round()}, in the last {last.round()}, "
            f"ratio {(last / second).round(2)} (time, CPU time of the driver)",
            flush=True,
        )


def _watched(trials: int, scheduler: str, serial: bool) -> list[Moment]:
    form = {
        "trainable": "benchmarks.noop:train",
        "trials": trials,
        "epochs": noop.ROWS,
        "scheduler": scheduler,
        "finalists": False,
    }
    plan = make_plan(as_spec({**form, "space": {"x": {"uniform": [0, 1]}}}), noop.train, None)
    watcher = Watcher(trials)
    with tempfile.TemporaryDirectory() as folder:
        execute(plan, out=Path(folder) / "noop", observer=watcher, serial=serial)
    return watcher.seen


if __name__ == "__main__":
    main()
