"""A sweep among Ray's metrics, where Prometheus finds it: trials, pace, best objective, workers."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias

import ray
from ray.util.metrics import Counter, Gauge, Histogram

from sweeps.sweep.progress import Progress, Silent
from sweeps.trial import Status

Metrics: TypeAlias = Mapping[str, tuple[str, tuple[str, ...]]]
"""What each says, and the tags that it has beside the sweep."""

_EVERY_SECONDS = 1.0
_GAUGES: Metrics = {
    "trials": ("Trials by status, finalists' repeats left aside", ("status",)),
    "repeats": ("Finalists' repeats on fresh seeds by status", ("status",)),
    "trials_asked": ("How many configs the sweep will try", ()),
    "round": ("The round of the search, counted from 0", ()),
    "epochs_per_second": ("Epochs trained per second since the last look", ()),
    "best_objective": ("The best objective of the search so far", ("objective",)),
    "workers": ("Workers by what they do: busy, idle or starting", ("state",)),
}
_COUNTERS: Metrics = {
    "epochs": ("Epochs trained over all trials and repeats", ()),
    "workers_lost": ("Workers that have died and were replaced", ()),
    "driver_seconds": ("Where the time of the sweep's own process went", ("doing",)),
}
_HISTOGRAMS: Mapping[str, tuple[str, Sequence[float]]] = {
    "decision_seconds": (
        "How long the search takes to say what to train next",
        [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0],
    ),
    "flush_seconds": (
        "How long it takes to bring log and tables to the disk",
        [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0],
    ),
}
"""What each says, and its boundaries in seconds."""

_MOST_OBSERVED = 1_000  # durations of a kind within a second; of more, the last count


class SweepMetrics(Silent):
    """Shows a sweep's progress as Ray metrics, about once a second, while this process is connected to Ray.

    Every metric is tagged with the sweep's name and none with a trial's number, since Ray keeps each tag's
    values for ever. Prometheus sees `caviar_trials` as `ray_caviar_trials`.

    Args:
        sweep: Its name.
        workers: How many do what.
        lost: How many have died so far.
    """

    def __init__(self, sweep: str, workers: Callable[[], Mapping[str, int]], lost: Callable[[], int]) -> None:
        self._sweep, self._workers, self._lost = sweep, workers, lost
        self._next = 0.0
        self._gauges: dict[str, Gauge] = {}
        self._counters: dict[str, Counter] = {}
        self._histograms: dict[str, Histogram] = {}
        self._took: dict[str, deque[float]] = {
            name.removesuffix("_seconds"): deque(maxlen=_MOST_OBSERVED) for name in _HISTOGRAMS
        }
        self._counted: dict[tuple[str, ...], float] = {}
        self._before: tuple[float, int] | None = None

    def update(self, progress: Progress) -> None:
        """Show how the sweep stands, unless that was less than a second ago."""
        self._keep(progress)
        if time.monotonic() >= self._next and ray.is_initialized():
            self._next = time.monotonic() + _EVERY_SECONDS
            self._show(progress)

    def finished(self, progress: Progress) -> None:
        """Show how it has ended."""
        self._keep(progress)
        if ray.is_initialized():
            self._show(progress)

    def _keep(self, progress: Progress) -> None:
        """Durations of before Ray is there are shown later."""
        for work, seconds in progress.took.items():
            self._took[work].extend(seconds)

    def _show(self, progress: Progress) -> None:
        if not self._gauges:
            self._declare()
        self._set_each("trials", {status: progress.counts.get(status, 0) for status in Status})
        self._set_each("repeats", {status: progress.repeat_counts.get(status, 0) for status in Status})
        self._set_each("workers", dict.fromkeys(("busy", "idle", "starting"), 0) | dict(self._workers()))
        self._set("trials_asked", progress.trials)
        self._set("round", max(progress.round, 0))
        self._set("epochs_per_second", self._pace(progress))
        if progress.best is not None and progress.best.objective is not None:
            self._set("best_objective", progress.best.objective, progress.metric)
        self._count("epochs", progress.epochs)
        self._count("workers_lost", self._lost())
        for doing, seconds in progress.spent.items():
            self._count("driver_seconds", seconds, doing)
        for work, durations in self._took.items():
            while durations:
                self._histograms[f"{work}_seconds"].observe(durations.popleft(), self._tags((), ()))

    def _declare(self) -> None:
        """Ray knows them from the first time that they are set; made before it runs they would be lost."""
        for name, (text, tags) in _GAUGES.items():
            self._gauges.setdefault(name, Gauge(f"caviar_{name}", text, ("sweep", *tags)))
        for name, (text, tags) in _COUNTERS.items():
            self._counters.setdefault(name, Counter(f"caviar_{name}", text, ("sweep", *tags)))
        for name, (text, boundaries) in _HISTOGRAMS.items():
            made = Histogram(f"caviar_{name}", text, list(boundaries), ("sweep",))
            self._histograms.setdefault(name, made)

    def _pace(self, progress: Progress) -> float:
        seconds, epochs = self._before or (progress.seconds, progress.epochs)  # those before are not of now
        self._before = (progress.seconds, progress.epochs)
        passed = progress.seconds - seconds
        return (progress.epochs - epochs) / passed if passed > 0 else 0.0

    def _set_each(self, name: str, values: Mapping[str, float]) -> None:
        for tag, value in values.items():
            self._set(name, value, str(tag))

    def _set(self, name: str, value: float, *tags: str) -> None:
        self._gauges[name].set(float(value), self._tags(_GAUGES[name][1], tags))

    def _count(self, name: str, value: float, *tags: str) -> None:
        """Add what has come since the last time."""
        more = value - self._counted.get((name, *tags), 0.0)
        if more > 0:
            self._counters[name].inc(float(more), self._tags(_COUNTERS[name][1], tags))
            self._counted[name, *tags] = value

    def _tags(self, keys: Sequence[str], tags: Iterable[str]) -> dict[str, str]:
        return {"sweep": self._sweep, **dict(zip(keys, tags, strict=True))}
