"""Which results the surrogate learns from, where there are more than it has memory for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def remembered(losses: Array, memory: int) -> NDArray[np.int64]:
    """Which results to learn from, in order: the best, and of the rest an even sample, one half each."""
    if len(losses) <= memory:
        return np.arange(len(losses))
    best = np.zeros(len(losses), dtype=bool)
    half = memory // 2
    worst = np.partition(losses, half - 1)[half - 1]  # of the best half; sorting all takes longer
    best[losses < worst] = True
    best[np.flatnonzero(losses == worst)[: half - best.sum()]] = True
    rest = np.flatnonzero(~best)
    best[rest[np.linspace(0, len(rest) - 1, memory - half).astype(np.int64)]] = True
    return np.flatnonzero(best)
