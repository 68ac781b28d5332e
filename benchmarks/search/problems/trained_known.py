"""The losses that the ruler of the real trainings is made of: the best known and random search's.

    python -m benchmarks.search.problems.trained_known --data PATH [--problems digits …]
    python -m benchmarks.search.problems.trained_known --results search.csv

The first finds the median of random search's winners after five full trainings anew; both lower the best
known where they have a better one. `trained.json` keeps them.
"""

from __future__ import annotations

import argparse
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.search.measure import ANCHOR_SEEDS, anchor_scores
from benchmarks.search.problems import load_problems
from benchmarks.search.problems.trained import KNOWN
from benchmarks.search.problems.trained_data import DATA
from benchmarks.search.results import Results


def find_anchor(known: dict[str, Any], data: Path, task: str, seeds: int) -> None:
    """Put random search's median winner, and the best of them all if it is the best known, into `known`."""
    (problem,) = load_problems(data, [f"trained-{task}"])
    scores = anchor_scores(problem, ANCHOR_SEEDS[:seeds])
    best = min(problem.best, math.exp(min(scores)))
    known[task] = {"best": best, "anchor": math.exp(np.median(scores)), "seeds": len(scores)}


def lower_best(known: dict[str, Any], results: pd.DataFrame) -> None:
    """Lower the best known to the least zero in the rows of a comparison."""
    zeros = results.groupby("problem").zero.min()
    for task, losses in known.items():
        losses["best"] = min(losses["best"], math.exp(zeros.get(f"trained-{task}", math.inf)))


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m benchmarks.search.problems.trained_known")
    options.add_argument("--data", type=Path)
    options.add_argument("--problems", nargs="*", default=list(DATA), choices=list(DATA))
    options.add_argument("--seeds", type=int, default=len(ANCHOR_SEEDS), help="at most that many")
    options.add_argument("--results", type=Path)
    given = options.parse_args()
    known = json.loads(KNOWN.read_text())
    for task in given.problems if given.data else []:
        find_anchor(known, given.data, task, given.seeds)
        print(task, known[task], flush=True)
    if given.results:
        lower_best(known, Results(given.results).read())
    KNOWN.write_text(json.dumps(known, indent=1) + "\n")


if __name__ == "__main__":
    main()
