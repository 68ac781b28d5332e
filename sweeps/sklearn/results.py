"""Ranks among trials that were not all trained to the end."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sweeps.sklearn.trials import Trial


def rank(scores: Sequence[float], trials: Sequence[Trial]) -> NDArray[np.int32]:
    """1 is the best. A trial that was stopped early comes behind all that were trained further.

    Those that ended by a rule of their own count as trained to the end. Equal ones share a rank; those
    without a score come last.

    Args:
        scores: The larger the better.
        trials: Their trials.
    """
    most = max(trial.epochs for trial in trials)
    keys = [
        (bool(np.isnan(score)), *((0, 0.0) if np.isnan(score) else (-_level(trial, most), -float(score))))
        for score, trial in zip(scores, trials, strict=True)
    ]
    in_order = sorted(keys)
    return np.array([bisect_left(in_order, key) + 1 for key in keys], dtype=np.int32)


def _level(trial: Trial, most: int) -> int:
    return most + 1 if trial.whole else trial.epochs


def ranked(results: dict[str, Any], trials: Sequence[Trial]) -> dict[str, Any]:
    """`cv_results_` with our ranks in place of those that compare means alone."""
    for name in [name for name in results if name.startswith("rank_test_")]:
        results[name] = rank(results[f"mean_test_{name.removeprefix('rank_test_')}"], trials)
    return results
