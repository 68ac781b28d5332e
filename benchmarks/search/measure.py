"""Normalised regret: 0 is the best known, 1 is the median of random search after five full trainings.

At a budget of B full trainings, W workers have had B · epochs / W of the clock. A worker that waits is paid
like one that trains.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from benchmarks.search.peers.own import random
from benchmarks.search.peers.setting import Setting
from benchmarks.search.problems.problem import Problem
from benchmarks.search.simulator import simulate
from benchmarks.search.trace import Trace
from sweeps.scheduler import Scheduler

ANCHOR_BUDGET = 5
ANCHOR_SEEDS = range(1000, 1101)  # their median's standard error is an eighth of one run's deviation


class Ruler:
    """The two ends of a problem's regret, found once."""

    def __init__(self, problem: Problem) -> None:
        self._zero = problem.score(problem.best)
        self._one = float(np.median([_random_score(problem, seed) for seed in ANCHOR_SEEDS]))

    def regret(self, score: float) -> float:
        """Normalised; below 0 where a run beats the best known."""
        return (score - self._zero) / (self._one - self._zero)


def clock(problem: Problem, budget: float, workers: int) -> float:
    """The simulated time at which the workers together have had a budget of full trainings."""
    return budget * problem.epochs / workers


def run(
    problem: Problem, ruler: Ruler, scheduler: Scheduler, setting: Setting, budgets: Sequence[float]
) -> dict[str, float]:
    """One run up to the setting's budget: the regret at each budget, and what the run was like."""
    until = clock(problem, setting.budget, setting.workers)
    began = time.perf_counter()
    trace = simulate(problem, scheduler, workers=setting.workers, seed=setting.seed, until=until)
    seconds = time.perf_counter() - began
    row = {"busy": trace.busy(until), "trials": trace.trials, "deciding": trace.deciding, "seconds": seconds}
    return {**row, **{regret_column(b): _regret(trace, ruler, b) for b in budgets}}


def regret_column(budget: float) -> str:
    """The name of a budget's column in the results."""
    return f"regret_{budget:g}"


def _regret(trace: Trace, ruler: Ruler, budget: float) -> float:
    return ruler.regret(trace.score(clock(trace.problem, budget, trace.workers)))


def _random_score(problem: Problem, seed: int) -> float:
    scheduler = random(problem, Setting(ANCHOR_BUDGET, 1, seed))
    until = clock(problem, ANCHOR_BUDGET, 1)
    return simulate(problem, scheduler, workers=1, seed=seed, until=until).score(until)
