"""Who trains: this process, and once it pays joblib's workers too."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

import numpy as np
from joblib import cpu_count, effective_n_jobs
from sklearn.utils.parallel import Parallel, delayed

from sweeps.execution import limited_threads

_PATIENCE = 1.0  # seconds of training before workers are started, which takes as long
_SMALL = 250_000  # numbers in a table, below which several threads an estimator lose more than they gain

Task = TypeVar("Task")
Given = TypeVar("Given")


class Workers:
    """Runs independent tasks.

    Joblib's workers rather than Ray's: they start in a second and stay for the next fit, are what
    `parallel_config` chooses, and scikit-learn limits their threads so that all cores have one each.

    Args:
        n_jobs: As joblib has it.

    Attributes:
        count: How many tasks run at once.
    """

    def __init__(self, n_jobs: int | None) -> None:
        self._parallel = Parallel(n_jobs=n_jobs, batch_size=1)
        self.count = effective_n_jobs(self._parallel.n_jobs)
        self._patience = _PATIENCE if self.count > 1 else np.inf
        self._threads = max(cpu_count() // self.count, 1) if self.count > 1 else None  # as workers have

    def __enter__(self) -> Workers:
        self._parallel.__enter__()
        return self

    def __exit__(self, *raised: Any) -> None:
        self._parallel.__exit__(*raised)

    def map(self, do: Callable[[Task], Given], tasks: Iterable[Task]) -> Sequence[Given]:
        """What `do` gives for each task, in order. Raises what it raises."""
        waiting, given = list(tasks), []
        with limited_threads(self._threads) if self._threads and self._patience > 0 else nullcontext():
            while waiting and self._patience > 0:
                began = time.perf_counter()
                given.append(do(waiting.pop(0)))
                self._patience -= time.perf_counter() - began
        return given + list(self._parallel(delayed(do)(task) for task in waiting) if waiting else [])


def few_threads(X: Any) -> AbstractContextManager[None]:
    """While inside, BLAS and OpenMP have one thread where the table is small.

    Their threads wait for each other by spinning after each of many short loops. Where other programs
    have the cores, a round of boosting on 150 rows then takes a hundred times as long.
    """
    numbers = int(np.prod(np.shape(X))) if hasattr(X, "shape") else len(X)
    return limited_threads(1) if numbers < _SMALL else nullcontext()
