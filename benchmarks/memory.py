"""How much the driver's memory grows per no-op trial of ten rows, after a warm-up.

Run it with: python -m benchmarks.memory [--trials N]
"""

from __future__ import annotations

import argparse
import resource
import signal
import sys
import tempfile
from multiprocessing import get_context
from pathlib import Path

from benchmarks import noop
from sweeps.face import execute
from sweeps.schedulers import OWN_NAMES
from sweeps.spec import as_spec
from sweeps.sweep import make_plan
from sweeps.sweep.progress import Progress, Silent

_WARM_UP = 2000


class MemoryWatcher(Silent):
    """Notes the driver's peak resident memory, in KiB, after the warm-up and at the end."""

    def __init__(self) -> None:
        self.seen: list[tuple[int, int]] = []

    def update(self, progress: Progress) -> None:
        if not self.seen and progress.done >= _WARM_UP:
            self.seen.append((progress.done, _peak()))

    def finished(self, progress: Progress) -> None:
        self.seen.append((progress.done, _peak()))


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--trials", type=int, default=20_000)
    trials = options.parse_args().trials
    # An exit that runs its course, so that the pool ends its process.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    for scheduler in OWN_NAMES:
        # A process each: the peak of the first would hide the growth of the second.
        with get_context("spawn").Pool(1) as pool:
            growth = pool.apply(_growth, (trials, scheduler))
        print(f"{scheduler:15s} {growth:6.2f} KiB a trial")


def _growth(trials: int, scheduler: str) -> float:
    form = {
        "trainable": "benchmarks.noop:train",
        "trials": trials,
        "epochs": noop.ROWS,
        "scheduler": scheduler,
    }
    plan = make_plan(as_spec({**form, "space": {"x": {"uniform": [0, 1]}}}), noop.train, None)
    watcher = MemoryWatcher()
    with tempfile.TemporaryDirectory() as folder:
        execute(plan, out=Path(folder) / "noop", observer=watcher)
    (first, before), (last, after) = watcher.seen
    return (after - before) / (last - first)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
