"""Compare schedulers over learning curves in simulated time.

    python -m benchmarks.search --data PATH [--problems lcbench] [--peers caviar random …] [--workers 1 16]

Rows are appended to --out; runs that it already has are passed over, so more seeds or peers can be added.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from pathlib import Path

from benchmarks.search.extra import not_installed
from benchmarks.search.measure import Ruler, run
from benchmarks.search.peers import PEERS, CannotDrive, Setting, build_peer
from benchmarks.search.peers.setting import run_seed
from benchmarks.search.problems import SOURCES, Problem, load_problems
from benchmarks.search.report import markdown
from benchmarks.search.results import Results
from sweeps.errors import BadInput


def main() -> None:
    given = _options()
    results = Results(given.out)
    try:
        _compare(load_problems(given.data, given.problems), given, results)
    except BadInput as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None
    for source in sorted({name.partition("-")[0] for name in given.problems}):
        for workers in given.workers:
            print(f"\n{source}, workers: {workers}\n\n{markdown(results.read(), source, workers)}")


def _compare(problems: list[Problem], given: argparse.Namespace, results: Results) -> None:
    """One seed after the other, so that what is there at any time is whole seeds."""
    rulers = {problem.name: Ruler(problem) for problem in problems}
    for seed in range(given.first_seed, given.first_seed + given.seeds):
        for problem, peer, workers in itertools.product(problems, given.peers, given.workers):
            key = (problem.name.partition("-")[0], problem.name, peer, workers, seed)
            if results.done(key):
                continue
            setting = Setting(max(given.budgets), workers, run_seed(problem.name, seed))
            try:
                scheduler = build_peer(peer, problem, setting)
            except CannotDrive as reason:
                print(f"{peer} on {problem.name}: {reason}")
                continue
            except ModuleNotFoundError as error:
                raise not_installed("peers", peer, error) from None
            results.add(key, run(problem, rulers[problem.name], scheduler, setting, sorted(given.budgets)))
        print(f"seed {seed} done", flush=True)


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(prog="python -m benchmarks.search")
    options.add_argument("--data", type=Path, required=True, help="folder with the data; see the README")
    sources = f"sources ({', '.join(SOURCES)}), or single problems such as lcbench-3945"
    options.add_argument("--problems", nargs="+", default=["lcbench"], help=sources)
    options.add_argument("--peers", nargs="+", default=["caviar", "random"], help=", ".join(PEERS))
    options.add_argument("--workers", nargs="+", type=int, default=[1, 16])
    options.add_argument("--seeds", type=int, default=10, help="how many")
    options.add_argument("--first-seed", type=int, default=0)
    options.add_argument(
        "--budgets", nargs="+", type=float, default=[5, 10, 20, 40, 80], help="full trainings"
    )
    options.add_argument("--out", type=Path, default=Path("search.csv"), help="rows are appended here")
    return options.parse_args()


if __name__ == "__main__":
    main()
