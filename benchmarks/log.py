"""What the log costs the driver: CPU seconds of one sweep with its log and without, in alternating pairs.

On a machine that others use, too, pairs differ by more than the log costs; so the CPU time of the log's own
calls is counted as well. Making the events, some microseconds, is not in it. Each trial reports ten rows of
two metrics and does nothing else. Run it with:

    python -m benchmarks.log [--trials N] [--pairs P]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest import mock

import numpy as np
from scipy import stats

import sweeps
from sweeps.events import Event
from sweeps.store.log import Log

_ROWS = 10


def train(config: dict[str, float], run: sweeps.Run) -> Iterator[dict[str, float]]:
    """Ten epochs of nothing."""
    for epoch in range(run.start, run.epochs):
        yield {"val_loss": config["x"] + 1 / (epoch + 1), "train_loss": config["x"]}


@contextmanager
def without_log() -> Iterator[None]:
    """The log takes events and forgets them."""

    def forget(log: Log, event: Event) -> None:
        log.number += 1

    with mock.patch.object(Log, "append", forget):
        yield


@contextmanager
def counted(spent: list[float]) -> Iterator[None]:
    """Add the CPU seconds of the log's outermost calls to what was spent."""
    depth = 0

    def wrapped(name: str) -> Callable[..., object]:
        real = getattr(Log, name)

        def call(*arguments: object) -> object:
            nonlocal depth
            depth += 1
            began = time.thread_time()
            try:
                return real(*arguments)
            finally:
                depth -= 1
                if not depth:
                    spent[0] += time.thread_time() - began

        return call

    with ExitStack() as stack:
        for name in ("append", "write", "sync", "sync_if_due"):
            stack.enter_context(mock.patch.object(Log, name, wrapped(name)))
        yield


def cpu_seconds(trials: int) -> float:
    """Of this process, for one serial sweep."""
    space = {"x": sweeps.Uniform(0, 1)}
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        sweeps.run(
            train,
            space=space,
            trials=trials,
            epochs=_ROWS,
            scheduler="random",
            finalists=False,
            serial=True,
            progress=False,
            out=Path(folder) / "run",
        )
        return time.process_time() - began


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--trials", type=int, default=5000)
    parser.add_argument("--pairs", type=int, default=10)
    asked = parser.parse_args()
    cpu_seconds(200)  # imports and caches
    costs, own = [], []
    for pair in range(asked.pairs):
        order = (True, False) if pair % 2 else (False, True)
        seconds = {}
        for kept in order:
            if kept:
                seconds[kept] = cpu_seconds(asked.trials)
            else:
                with without_log():
                    seconds[kept] = cpu_seconds(asked.trials)
        costs.append(1e6 * (seconds[True] - seconds[False]) / asked.trials)
        spent = [0.0]
        with counted(spent):
            cpu_seconds(asked.trials)
        own.append(1e6 * spent[0] / asked.trials)
        print(f"pair {pair + 1}: {costs[-1]:.0f} µs a trial; its own calls {own[-1]:.0f} µs", flush=True)
    spread = stats.t.ppf(0.975, len(costs) - 1) * stats.sem(costs)
    print(f"its own calls take {np.median(own):.0f} µs (median; {min(own):.0f} to {max(own):.0f})")
    print(f"the log costs {np.mean(costs):.0f} ± {spread:.0f} µs of the driver's CPU a trial of {_ROWS} rows")


if __name__ == "__main__":
    main()
