"""Normalised regret: 0 is the best known, 1 is the median of random search after five full trainings.

At a budget of B full trainings, W workers have had B · epochs / W of the clock. A worker that waits is paid
like one that trains.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

import numpy as np

from benchmarks.search.peers.own import random
from benchmarks.search.peers.setting import Setting, run_seed
from benchmarks.search.problems.problem import Problem
from benchmarks.search.simulator import simulate
from sweeps.schedulers import Scheduler

ANCHOR_BUDGET = 5
ANCHOR_SEEDS = range(1000, 1101)  # their median's standard error is an eighth of one run's deviation


class Ruler:
    """The two ends of a problem's regret, found once: the scores that count as 0 and as 1."""

    def __init__(self, problem: Problem) -> None:
        self.zero = problem.score(problem.best)
        kept = problem.anchor
        self.one = float(np.median(anchor_scores(problem))) if kept is None else problem.score(kept)


def clock(problem: Problem, budget: float, workers: int) -> float:
    """The simulated time at which the workers together have had a budget of full trainings."""
    return budget * problem.epochs / workers


def run(
    problem: Problem, ruler: Ruler, scheduler: Scheduler, setting: Setting, budgets: Sequence[float]
) -> dict[str, float]:
    """One run up to the setting's budget: what was found by each budget, the ruler, how the run went.

    score_…: in which regret is a difference; below the ruler's zero, it is the zero of this run.
    test_…: the same config's score on data that the sweep has not seen, where the problem has them.
    """
    until = clock(problem, setting.budget, setting.workers)
    began = time.perf_counter()
    trace = simulate(problem, scheduler, workers=setting.workers, seed=setting.seed, until=until)
    seconds = time.perf_counter() - began
    row = {"busy": trace.busy(until), "trials": trace.trials, "deciding": trace.deciding, "seconds": seconds}
    times = {f"{b:g}": clock(problem, b, setting.workers) for b in budgets}
    scores = {f"score_{budget}": trace.score(when) for budget, when in times.items()}
    tests = {f"test_{budget}": trace.test(when) for budget, when in times.items()}
    ends = {"zero": min(ruler.zero, *scores.values()), "one": ruler.one}
    return {**row, **ends, **scores, **{name: value for name, value in tests.items() if value is not None}}


def anchor_scores(problem: Problem, seeds: Iterable[int] = ANCHOR_SEEDS) -> list[float]:
    """What random search finds in five full trainings, as a score for each seed."""
    return [_random_score(problem, run_seed(problem.name, seed)) for seed in seeds]


def _random_score(problem: Problem, seed: int) -> float:
    scheduler = random(problem, Setting(ANCHOR_BUDGET, 1, seed))
    until = clock(problem, ANCHOR_BUDGET, 1)
    return simulate(problem, scheduler, workers=1, seed=seed, until=until).score(until)
