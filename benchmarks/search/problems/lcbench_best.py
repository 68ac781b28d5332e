"""The best value of the LCBench surrogate that a long search finds, to measure regret from.

python -m benchmarks.search.problems.lcbench_best PATH > benchmarks/search/problems/lcbench_best.json
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.search.problems.lcbench import SPACE, Surrogate, dev_tasks

# Three searches of 40,000 curves each agree to three digits of the logarithm on the tasks for development.
RANDOM, PARENTS, CHILDREN, STEPS, RESTARTS = 20_000, 64, 400, 50, 3
WIDEST, SHRINK = 0.2, 0.9  # a child's step in parts of the range, smaller from generation to generation


def search_best(surrogate: Surrogate, task: str) -> float:
    """The least cross-entropy at any epoch: the best of random points, then of their mutations."""
    return min(_evolve(surrogate, task, np.random.default_rng(seed)) for seed in range(RESTARTS))


def _evolve(surrogate: Surrogate, task: str, rng: np.random.Generator) -> float:
    points = rng.random((RANDOM, len(SPACE.searched)))
    points, values = _fittest(points, _values(surrogate, task, points))
    for step in range(STEPS):
        noise = rng.normal(scale=WIDEST * SHRINK**step, size=(CHILDREN, points.shape[1]))
        mutated = rng.random(noise.shape) < 0.5
        children = np.clip(points[rng.integers(PARENTS, size=CHILDREN)] + noise * mutated, 0, 1)
        both = np.concatenate([points, children])
        points, values = _fittest(both, np.concatenate([values, _values(surrogate, task, children)]))
    return float(values[0])


def _fittest(
    points: NDArray[np.float64], values: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    order = np.argsort(values)[:PARENTS]
    return points[order], values[order]


def _values(surrogate: Surrogate, task: str, points: NDArray[np.float64]) -> NDArray[np.float64]:
    blocks = [points[i : i + CHILDREN] for i in range(0, len(points), CHILDREN)]
    curves = [surrogate.curves(task, [SPACE.config(point) for point in block]) for block in blocks]
    return np.concatenate(curves).min(axis=1)


def main() -> None:
    data = Path(sys.argv[1])
    surrogate = Surrogate(data / "lcbench_surrogate")
    print(json.dumps({task: search_best(surrogate, task) for task in dev_tasks(data)}, indent=1))


if __name__ == "__main__":
    main()
