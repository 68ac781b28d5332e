"""Normalised regret: 0 is the best known, 1 is the median of random search after five full trainings.

At a budget of B full trainings, W workers have had B · epochs / W of the clock. A worker that waits is paid
like one that trains.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from benchmarks.search.peers.own import random
from benchmarks.search.peers.setting import Setting, run_seed
from benchmarks.search.problems.problem import Problem
from benchmarks.search.simulator import simulate
from sweeps.scheduler import Scheduler

ANCHOR_BUDGET = 5
ANCHOR_SEEDS = range(1000, 1101)  # their median's standard error is an eighth of one run's deviation


class Ruler:
    """The two ends of a problem's regret, found once: the scores that count as 0 and as 1."""

    def __init__(self, problem: Problem) -> None:
        self.zero = problem.score(problem.best)
        self.one = float(
            np.median([_random_score(problem, run_seed(problem.name, seed)) for seed in ANCHOR_SEEDS])
        )


def clock(problem: Problem, budget: float, workers: int) -> float:
    """The simulated time at which the workers together have had a budget of full trainings."""
    return budget * problem.epochs / workers


def run(
    problem: Problem, ruler: Ruler, scheduler: Scheduler, setting: Setting, budgets: Sequence[float]
) -> dict[str, float]:
    """One run up to the setting's budget: the score at each budget, the ruler, and what the run was like."""
    until = clock(problem, setting.budget, setting.workers)
    began = time.perf_counter()
    trace = simulate(problem, scheduler, workers=setting.workers, seed=setting.seed, until=until)
    seconds = time.perf_counter() - began
    row = {"busy": trace.busy(until), "trials": trace.trials, "deciding": trace.deciding, "seconds": seconds}
    ends = {"zero": ruler.zero, "one": ruler.one}
    scores = {f"score_{b:g}": trace.score(clock(problem, b, setting.workers)) for b in budgets}
    return {**row, **ends, **scores}


def _random_score(problem: Problem, seed: int) -> float:
    scheduler = random(problem, Setting(ANCHOR_BUDGET, 1, seed))
    until = clock(problem, ANCHOR_BUDGET, 1)
    return simulate(problem, scheduler, workers=1, seed=seed, until=until).score(until)
