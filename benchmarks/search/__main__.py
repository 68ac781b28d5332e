"""Compare schedulers over learning curves in simulated time.

    python -m benchmarks.search --data PATH [--problems lcbench] [--peers caviar random …] [--workers 1 16]

Rows are appended to --out; runs that it already has are passed over, so more seeds or peers can be added.
"""

from __future__ import annotations

import argparse
import itertools
from pathlib import Path

from benchmarks.search.measure import Ruler, run
from benchmarks.search.peers import PEERS, CannotDrive, Setting, build_peer
from benchmarks.search.problems import SOURCES, Problem, load_problems
from benchmarks.search.report import markdown
from benchmarks.search.results import Results
from sweeps.errors import BadInput


def main() -> None:
    given = _options()
    results = Results(given.out)
    try:
        for problem in load_problems(given.data, given.problems):
            _compare(problem, given, results)
    except BadInput as error:
        raise SystemExit(str(error)) from None
    for source in sorted({name.partition("-")[0] for name in given.problems}):
        for workers in given.workers:
            print(f"\n{source}, workers: {workers}\n\n{markdown(results.read(), source, workers)}")


def _compare(problem: Problem, given: argparse.Namespace, results: Results) -> None:
    ruler = Ruler(problem)
    for peer in given.peers:
        try:
            for workers, seed in itertools.product(given.workers, _seeds(given)):
                _one_run(problem, ruler, peer, Setting(max(given.budgets), workers, seed), given, results)
        except CannotDrive as reason:
            print(f"{peer} on {problem.name}: {reason}")
    print(f"{problem.name} done", flush=True)


def _one_run(
    problem: Problem, ruler: Ruler, peer: str, setting: Setting, given: argparse.Namespace, results: Results
) -> None:
    key = (problem.name.partition("-")[0], problem.name, peer, setting.workers, setting.seed)
    if not results.done(key):
        scheduler = build_peer(peer, problem, setting)
        results.add(key, run(problem, ruler, scheduler, setting, sorted(given.budgets)))


def _seeds(given: argparse.Namespace) -> range:
    return range(given.first_seed, given.first_seed + given.seeds)


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
