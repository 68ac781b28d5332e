"""The best value of the LCBench surrogate that a long search finds, to measure regret from.

    python -m benchmarks.search.problems.lcbench_best PATH

updates `lcbench_best.json` where it finds better, and says in `lcbench_rates.json` at which learning rate.
The surrogate has many valleys, and one large population falls into the same one again and again; so the best
random points that lie apart are improved each by itself.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.search.problems.lcbench import BEST, RATES, SPACE, Surrogate, dev_tasks
from sweeps.space import Config

Points = NDArray[np.float64]

RANDOM, ISLANDS, CHILDREN, STEPS = 20_000, 48, 8, 60
APART = 0.4  # the least distance between two islands' first points, in the unit cube
WIDEST, SHRINK = 0.2, 0.93  # a child's step in parts of the range, smaller from step to step
_BLOCK = 400  # curves a query


def search_best(surrogate: Surrogate, task: str) -> tuple[float, Config]:
    """The least cross-entropy at any epoch of some 43,000 configs, and the config that has it."""
    rng = np.random.default_rng(int(task))
    points = rng.random((RANDOM, len(SPACE.searched)))
    values = _values(surrogate, task, points)
    best = _apart(points[np.argsort(values)])
    level = np.full(len(best), np.inf)
    for step in range(STEPS):
        children = _children(best, WIDEST * SHRINK**step, rng)
        found = _values(surrogate, task, children.reshape(-1, best.shape[1])).reshape(len(best), -1)
        which, rows = found.argmin(axis=1), np.arange(len(best))
        better = found[rows, which] < level
        best = np.where(better[:, None], children[rows, which], best)
        level = np.minimum(level, found.min(axis=1))
    winner = int(level.argmin())  # an island's first child is itself: none is lost
    return float(level[winner]), SPACE.config(best[winner])


def _apart(points: Points) -> Points:
    """The first `ISLANDS` points, each at least `APART` from those before it."""
    chosen = [points[0]]
    for point in points[1:]:
        if len(chosen) < ISLANDS and np.linalg.norm(chosen - point, axis=1).min() >= APART:
            chosen.append(point)
    return np.array(chosen)


def _children(parents: Points, step: float, rng: np.random.Generator) -> Points:
    """Each parent itself and its mutations, shape (parents, children, dimensions)."""
    shape = (len(parents), CHILDREN, parents.shape[1])
    noise = rng.normal(scale=step, size=shape) * (rng.random(shape) < 0.5)
    noise[:, 0] = 0.0
    return np.clip(parents[:, None] + noise, 0, 1)


def _values(surrogate: Surrogate, task: str, points: Points) -> Points:
    blocks = [points[i : i + _BLOCK] for i in range(0, len(points), _BLOCK)]
    curves = [surrogate.curves(task, [SPACE.config(point) for point in block]) for block in blocks]
    return np.concatenate(curves).min(axis=1)


def main() -> None:
    data = Path(sys.argv[1])
    surrogate = Surrogate(data / "lcbench_surrogate")
    known, rates = json.loads(BEST.read_text()), {}
    for task in dev_tasks(data):
        found, config = search_best(surrogate, task)
        known[task], rates[task] = min(found, known.get(task, np.inf)), config["learning_rate"]
        print(task, found, known[task], config, flush=True)
    for path, content in ((BEST, known), (RATES, rates)):
        path.write_text(json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
