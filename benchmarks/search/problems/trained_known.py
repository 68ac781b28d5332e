"""The losses that the scale of the real trainings is made of: the best known and random search's.

    python -m benchmarks.search.problems.trained_known PATH [digits …]

finds the median of random search's winners after five full trainings anew (101 seeds), lowers the best known
where one of them is better, and writes `trained.json`.
"""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import numpy as np

from benchmarks.search.measure import anchor_scores
from benchmarks.search.problems import load_problems
from benchmarks.search.problems.trained import KNOWN


def main() -> None:
    known = json.loads(KNOWN.read_text())
    for task in sys.argv[2:] or ["digits", "breast_cancer", "fashion"]:
        (problem,) = load_problems(Path(sys.argv[1]), [f"trained-{task}"])
        scores = anchor_scores(problem)
        best = min(problem.best, math.exp(min(scores)))
        known[task] = {"best": best, "anchor": math.exp(np.median(scores))}
        print(task, known[task], flush=True)
        KNOWN.write_text(json.dumps(known, indent=1) + "\n")


if __name__ == "__main__":
    main()
