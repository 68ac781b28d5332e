"""Losses as the model learns them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_WORST = 2.0  # how far above the median a loss may count, where 1 is the best one's distance below it
_QUARTER = 0.25  # of a loss, exactly: two of them are never too far apart for a number
_USUAL = float(np.log(2))  # that distance, but where the median is the best


class Targets:
    """A monotone map of losses: differences near the best count, those among the bad hardly do.

    The logarithm of one plus the distance from the best, in units of the median's, cut off above, centred
    and scaled: it does not matter in which units the loss is, nor where its zero lies. Where half of all are
    as good as the best, the median is that of the others, and the infeasible still count as worse.

    losses: shape (n,), smaller is better; what is infinite is infeasible and counts as the worst there is.
    At least one must be finite.
    """

    def __init__(self, losses: Array) -> None:
        finite = np.sort(losses[np.isfinite(losses)])
        quarters = _QUARTER * finite
        self._best = float(quarters[0])
        self._unit = _median(quarters) - self._best or self._next_unit(quarters)
        self._middle = _median(self._logs(finite))
        self._cap = self._middle + _WORST * (self._middle or _USUAL)
        self._spread = float(np.minimum(self._logs(losses), self._cap).std()) or 1.0
        self.values = self(losses)

    def __call__(self, losses: Array) -> Array:
        """Targets of losses, both of shape (n,)."""
        return np.asarray((np.minimum(self._logs(losses), self._cap) - self._middle) / self._spread)

    def _logs(self, losses: Array) -> Array:
        with np.errstate(over="ignore"):  # infinity is as bad as the cap
            return np.log1p(np.maximum(_QUARTER * losses - self._best, 0.0) / self._unit)

    def _next_unit(self, quarters: Array) -> float:
        worse = quarters[quarters > self._best]
        return _median(worse) - self._best if len(worse) else 1.0


def _median(rising: Array) -> float:
    """Of numbers in order."""
    half = len(rising) // 2
    return float(rising[half] if len(rising) % 2 else (rising[half - 1] + rising[half]) / 2)
