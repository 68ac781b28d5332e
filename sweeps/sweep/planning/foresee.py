"""What a scheduler will about ask for: asked and told as in a sweep, with objectives that are made up."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TypeAlias

import numpy as np

from sweeps.errors import BadInput
from sweeps.schedulers import Finals, Observation
from sweeps.space import Config, Space
from sweeps.spec import SweepSpec
from sweeps.trial import Job, Report

FIRST = 8  # jobs that are asked for before anything is told
_AHEAD = 2  # jobs a worker, of which one waits
_LUCK = 0.02
_BEST = 0.4  # of each coordinate, in the made-up objective

Objective: TypeAlias = Callable[[Job], float]


@dataclass(frozen=True)
class Foreseen:
    """A sweep as it may go.

    Attributes:
        first: The jobs that it begins with.
        trials: How many configs are tried.
        repeats: How often finalists are trained again.
        search_epochs: Of all those trials. final_epochs: Of the repeats.
        length: How many epochs the worker trains that is busy the longest, waits included.
        jobs: How many there are.
        open: How many trials at most may go on at the same time.
        chosen: The share of the epochs that are of configs which the search has chosen: those of trials that
            are promoted, of rounds after the first, and of finalists. The others come from anywhere.
        deciding: Seconds that the scheduler takes.
        seen: The share of the search that was looked at; the rest is taken to go on alike.
    """

    first: tuple[Job, ...]
    trials: int
    repeats: int
    search_epochs: int
    final_epochs: int
    length: float
    jobs: int
    open: int
    chosen: float = 0.0
    deciding: float = 0.0
    seen: float = 1.0

    @property
    def epochs(self) -> int:
        """Of search and finals."""
        return self.search_epochs + self.final_epochs


def foresee(
    scheduler: Finals,
    space: Space,
    spec: SweepSpec,
    workers: int,
    seconds: float,
    first: Sequence[Observation] = (),
) -> Foreseen:
    """Ask the scheduler for a whole sweep, which uses it up.

    All epochs take equally long, and an objective is the better the nearer its config is to a point of the
    space, and the longer it is trained. A real sweep's losses differ, so what is promoted differs, too.

    Args:
        scheduler: The plan's.
        space: Of the sweep. spec: The sweep.
        workers: How many train at once.
        seconds: How long to look at most; then the rest is extrapolated.
        first: Trials that wait to be trained before all others.
    """
    if first:
        scheduler.observe(first)
    workshop = _Workshop(scheduler, workers, _made_up(space, spec), spec)
    workshop.ask(max(FIRST, _AHEAD * workers))
    deadline = time.monotonic() + seconds
    while not scheduler.finished and time.monotonic() < deadline:
        if not workshop.step():
            break
    return workshop.foreseen()


class _Workshop:
    """Workers whose epochs take no time."""

    def __init__(self, scheduler: Finals, workers: int, objective: Objective, spec: SweepSpec) -> None:
        self._scheduler, self._objective, self._spec = scheduler, objective, spec
        self._capacity = _AHEAD * workers
        self._free_at = [0.0] * workers  # a heap
        self._now = self._last_end = self._search_end = 0.0
        self._running: list[tuple[float, int, Job]] = []  # a heap of ends
        self._first: tuple[Job, ...] = ()
        self._reached: dict[int, int] = {}  # epochs, by trial of the search
        self._open: set[int] = set()
        self._most_open = self._jobs = self._repeats = self._final_epochs = self._chosen = 0
        self._began = time.perf_counter()

    def ask(self, capacity: int) -> None:
        for job in self._scheduler.ask(capacity) if capacity > 0 else ():
            self._jobs += 1
            start = max(self._now, heappop(self._free_at))
            end = start + job.stop - job.start
            heappush(self._free_at, end)
            heappush(self._running, (end, self._jobs, job))
            self._count(job)
        if not self._first:
            self._first = tuple(job for _, _, job in sorted(self._running, key=lambda each: each[1]))

    def step(self) -> bool:
        """The next job ends; False where none is in training, though the scheduler waits for one."""
        if not self._running:
            return False
        self._now, _, job = heappop(self._running)
        self._last_end = self._now
        if job.repeats is None:
            self._search_end = self._now
        if job.stop >= self._spec.epochs:
            self._open.discard(job.trial)
        seconds = float(job.stop - job.start)
        self._scheduler.tell(Report(job.trial, job.stop, self._objective(job), seconds=seconds))
        self._keep_limit()
        self.ask(self._capacity - len(self._running))
        return True

    def foreseen(self) -> Foreseen:
        """All of it, or, where the time was over before, as if the rest were alike."""
        seen, deciding = self._seen(), time.perf_counter() - self._began
        search_epochs = sum(self._reached.values())
        repeats, final_epochs = self._repeats, self._final_epochs
        length = self._last_end
        if not self._scheduler.finished and self._running:
            repeats = self._scheduler.repeats
            final_epochs = repeats * self._spec.epochs
            length = self._search_end / seen + final_epochs / len(self._free_at)
        return Foreseen(
            first=self._first,
            trials=min(round(len(self._reached) / seen), max(self._spec.trials, len(self._reached))),
            repeats=repeats,
            search_epochs=round(search_epochs / seen),
            final_epochs=final_epochs,
            length=length,
            jobs=round((self._jobs - self._repeats) / seen) + repeats,
            open=min(round(self._most_open / seen), max(self._spec.trials, self._most_open)),
            chosen=(self._chosen / seen + final_epochs) / max(search_epochs / seen + final_epochs, 1),
            deciding=deciding / seen,
            seen=seen,
        )

    def _seen(self) -> float:
        """The share of the search that was looked at: of the epochs it plans with, or else of its trials."""
        if self._scheduler.finished or self._repeats or not self._running:
            return 1.0
        planned = self._scheduler.planned_epochs
        share = len(self._reached) / self._spec.trials
        if planned is not None:
            share = sum(self._reached.values()) / planned
        return min(share, 1.0)

    def _count(self, job: Job) -> None:
        if job.repeats is None:
            self._reached[job.trial] = job.stop
            self._chosen += job.stop - job.start if job.start or job.round else 0
        else:
            self._repeats += 1
            self._final_epochs += job.stop - job.start
        self._open.add(job.trial)
        self._most_open = max(self._most_open, len(self._open))

    def _keep_limit(self) -> None:
        most = self._spec.limits.epochs
        if most is not None and sum(self._reached.values()) >= most and not self._scheduler.search_ended:
            self._scheduler.end_search()


def _made_up(space: Space, spec: SweepSpec) -> Objective:
    sign = 1.0 if spec.mode == "min" else -1.0

    def objective(job: Job) -> float:
        luck = _LUCK * np.random.default_rng([spec.seed, job.trial]).normal()
        return sign * float(_distance(space, job.config) + luck + 1 / (1 + job.stop))

    return objective


def _distance(space: Space, config: Config) -> float:
    try:
        point = space.point(config)
    except BadInput:  # in a range that has grown
        return 1.0
    return float(np.mean((np.nan_to_num(point, nan=_BEST) - _BEST) ** 2)) if len(point) else 0.0
