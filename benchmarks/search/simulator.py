"""Simulated time: W workers train what a scheduler asks for, a job takes as long as its epochs.

The clock counts epochs of one worker. A job's epochs become known one by one as they end, as a sweep's
tables have them; the scheduler hears of a job when it is over. Jobs that end together are told in the order
they were asked, each followed by an ask, so the same scheduler gives the same run.
"""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from benchmarks.search.problems.problem import Curve, Problem
from benchmarks.search.trace import Stretch, Trace
from sweeps.schedulers import Scheduler
from sweeps.trial import Job, Outcome, Report

T = TypeVar("T")


def simulate(problem: Problem, scheduler: Scheduler, *, workers: int, seed: int, until: float) -> Trace:
    """Drive the scheduler until the clock says `until`, or until it has nothing left to do."""
    trace = Trace(problem, seed, workers)
    guard = _Guard()
    running: list[tuple[float, int, Report]] = []
    order = itertools.count()
    now = 0.0
    while now < until:
        for job in _timed(trace, lambda: scheduler.ask(workers - len(running))):
            guard.start(job, problem.epochs)
            report, rows = train(problem, job, seed)
            trace.stretches.append(Stretch(now, job.trial, job.config, job.start, rows))
            heapq.heappush(running, (now + len(rows), next(order), report))
        assert len(running) <= workers, "more jobs than workers"
        if not running:
            break
        now, _, report = heapq.heappop(running)
        guard.end(report)
        _timed(trace, lambda report=report: scheduler.tell(report))  # type: ignore[misc]
    return trace


def train(problem: Problem, job: Job, seed: int) -> tuple[Report, Curve]:
    """What a job gives back, and its objective epoch by epoch; a trial that diverges ends there.

    The report has the trial's best objective so far, earlier jobs included.
    """
    curve = problem.curve(job.config, seed, job.stop)
    broken = np.flatnonzero(~np.isfinite(curve[job.start :]))
    if len(broken):
        curve = curve[: job.start + broken[0] + 1]
    finite = curve[np.isfinite(curve)]
    best = float(finite.min()) if len(finite) else None
    outcome = Outcome.INFEASIBLE if len(broken) else Outcome.DONE
    rows = curve[job.start :]
    return Report(job.trial, len(curve), best, outcome, seconds=float(len(rows))), rows


class _Guard:
    """Holds a scheduler to the rules: a trial has one job at a time, and goes on where it is or anew."""

    def __init__(self) -> None:
        self._live: set[int] = set()
        self._reached: dict[int, int] = {}

    def start(self, job: Job, epochs: int) -> None:
        assert job.trial not in self._live, f"trial {job.trial} has two live jobs"
        assert job.start in (0, self._reached.get(job.trial, 0)), f"{job} does not go on where it is"
        assert job.start < job.stop <= epochs, f"{job} trains nothing, or past {epochs} epochs"
        self._live.add(job.trial)

    def end(self, report: Report) -> None:
        self._live.remove(report.trial)
        self._reached[report.trial] = report.epochs


def _timed(trace: Trace, decide: Callable[[], T]) -> T:
    began = time.perf_counter()
    given = decide()
    trace.deciding += time.perf_counter() - began
    return given
