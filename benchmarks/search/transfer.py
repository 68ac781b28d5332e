"""What a sweep gains by learning from a sweep of another task before it (`learn_from`).

For ordered pairs of tasks, a sweep of the one is searched by simulation (40 full trainings), and then a
sweep of the other, cold and with what the first has found. The same task with another seed is a pair, too.

    python -m benchmarks.search.transfer --data PATH [--problems lcbench] [--pairs 30] [--seeds 3] [--same]

Each run appends a row to --out; those that are there are passed over. What is printed: the mean regret of
both at each budget, their ratio with a 95 % interval over seeds and pairs (bootstrap of pairs), by task, and
the worst task.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.search.measure import Ruler, run
from benchmarks.search.peers.own import affordable_trials
from benchmarks.search.peers.setting import Setting, run_seed
from benchmarks.search.problems import Problem, load_problems
from benchmarks.search.results import Results
from benchmarks.search.simulator import simulate
from sweeps.knowledge import Knowledge, KnownTrial
from sweeps.schedulers import CoarseToFine

_EARLIER_BUDGET = 40  # full trainings
_EARLIER_SEED = 500  # the first of the sweeps that are learned from
_DRAWS = 2000
_WORKERS = 1


@cache
def found_before(problem: Problem, seed: int, budget: float = _EARLIER_BUDGET) -> Knowledge:
    """What a sweep of a task has found."""
    trials = affordable_trials(problem.epochs, budget)
    own = run_seed(problem.name, seed)
    scheduler = CoarseToFine(problem.space, trials=trials, epochs=problem.epochs, seed=own)
    trace = simulate(problem, scheduler, workers=1, seed=own, until=budget * problem.epochs)
    curves: dict[int, tuple[dict[str, object], list[float]]] = {}
    for stretch in trace.stretches:
        _, losses = curves.setdefault(stretch.trial, (dict(stretch.config), []))
        losses[stretch.start :] = stretch.rows.tolist()
    known = [
        KnownTrial(config, list(enumerate(np.minimum.accumulate(losses).tolist(), start=1)))
        for config, losses in curves.values()
    ]
    return Knowledge(problem.name, known)


def searched(
    problem: Problem, ruler: Ruler, setting: Setting, budgets: Sequence[float], *earlier: Knowledge
) -> dict[str, float]:
    """One sweep, and what it found by each budget; worth: of the first earlier sweep, as it learned."""
    trials = affordable_trials(problem.epochs, setting.budget)
    scheduler = CoarseToFine(
        problem.space, trials=trials, epochs=problem.epochs, seed=setting.seed, earlier=earlier
    )
    row = run(problem, ruler, scheduler, setting, budgets)
    return {**row, "worth": next(iter(scheduler.worth.values()), np.nan)}


def compare(problems: Sequence[Problem], given: argparse.Namespace, results: Results) -> None:
    rulers = {problem.name: Ruler(problem) for problem in problems}
    for seed in range(given.seeds):
        for old, new in pairs(problems, given.pairs, same=given.same):
            setting = Setting(max(given.budgets), _WORKERS, run_seed(new.name, seed))
            for peer in ("cold", f"from {old.name}"):
                key = ("transfer", new.name, peer, _WORKERS, seed)
                if results.done(key):
                    continue
                earlier = () if peer == "cold" else (found_before(old, _EARLIER_SEED + seed),)
                row = searched(new, rulers[new.name], setting, sorted(given.budgets), *earlier)
                results.add(key, row)
        print(f"seed {seed} done", flush=True)


def pairs(problems: Sequence[Problem], count: int, *, same: bool) -> list[tuple[Problem, Problem]]:
    """Ordered pairs of tasks, each task about as often the new one."""
    if same:
        return [(problem, problem) for problem in problems]
    n = len(problems)
    every = [(problems[(i + step) % n], problems[i]) for step in range(1, n) for i in range(n)]
    return every[:count]


def table(results: pd.DataFrame, budgets: Sequence[float]) -> str:
    """Regrets and their ratios, warm by cold."""
    scores = results.set_index(["problem", "peer", "seed"])
    lines = []
    for budget in budgets:
        zero = scores.groupby("problem")["zero"].transform("min")
        regret = (scores[f"score_{budget:g}"] - zero) / (scores["one"] - zero)
        warm = regret[regret.index.get_level_values("peer") != "cold"]
        cold = pd.Series(
            [regret[(problem, "cold", seed)] for problem, _, seed in warm.index], index=warm.index
        )
        lines.append(f"{budget:g}: cold {cold.mean():.3f}, warm {warm.mean():.3f}, {_ratio(warm, cold)}")
        by_task = {
            task: _ratio(warm[rows], cold[rows]) for task, rows in warm.groupby("problem").groups.items()
        }
        lines += [f"    {task}: {text}" for task, text in by_task.items()]
    return "\n".join(lines)


def _ratio(warm: pd.Series, cold: pd.Series) -> str:
    rng = np.random.default_rng(0)
    w, c = warm.to_numpy(), cold.to_numpy()
    draws = rng.integers(len(w), size=(_DRAWS, len(w)))
    low, high = np.quantile(w[draws].mean(axis=1) / np.maximum(c[draws].mean(axis=1), 1e-9), [0.025, 0.975])
    return f"ratio {w.mean() / c.mean():.2f} [{low:.2f}, {high:.2f}] of {len(w)}"


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m benchmarks.search.transfer")
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("--problems", nargs="+", default=["lcbench"])
    options.add_argument("--pairs", type=int, default=30)
    options.add_argument("--seeds", type=int, default=3)
    options.add_argument("--same", action="store_true", help="from the same task with another seed")
    options.add_argument("--budgets", nargs="+", type=float, default=[5, 10])
    options.add_argument("--out", type=Path, default=Path("transfer.csv"))
    given = options.parse_args()
    results = Results(given.out)
    compare(load_problems(given.data, given.problems), given, results)
    print(table(results.read(), sorted(given.budgets)))


if __name__ == "__main__":
    main()
