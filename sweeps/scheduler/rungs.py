"""Rungs: the epoch counts at which trials are compared, and who climbs.

Asynchronous successive halving (Li et al., 2020, "A System for Massively Parallel Hyperparameter
Tuning", algorithm 2): a trial climbs as soon as it stands among the best 1/factor at its rung; nobody
waits for a rung to fill. The paper compares all arrivals; a window compares the last few, for searches
in which the early ones come from wider regions.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterable


def rung_epochs(epochs: int, factor: int, count: int) -> tuple[int, ...]:
    """Epoch counts of the rungs, lowest first: epochs, epochs/factor, epochs/factor², ….

    >>> rung_epochs(27, factor=4, count=3)
    (2, 7, 27)
    """
    levels = {round(epochs / factor**k) for k in range(count)}
    return tuple(sorted(level for level in levels if level >= 1))


class Rung:
    """The arrivals at one epoch count, and who of them waits to climb.

    window: how many of the last arrivals are compared; None for all.
    A loss of infinity stands for an infeasible or failed trial: it counts as an arrival, so that the
    others' share stays right, and never climbs.
    """

    def __init__(self, epochs: int, window: int | None = None) -> None:
        self.epochs = epochs
        self._window = window
        self._recent: deque[tuple[float, int]] = deque()  # in order of arrival; kept for a window alone
        self._ranked: list[tuple[float, int]] = []  # the same, best first
        self._waiting: list[tuple[float, int]] = []  # a heap; may hold some that left or dropped out
        self._left: set[int] = set()

    def arrive(self, trial: int, loss: float) -> None:
        insort(self._ranked, (loss, trial))
        if loss < float("inf"):
            heapq.heappush(self._waiting, (loss, trial))
        if self._window is not None:
            self._recent.append((loss, trial))
            if len(self._recent) > self._window:
                del self._ranked[self._rank(self._recent.popleft())]

    def leave(self, trial: int) -> None:
        """The trial waits no more."""
        self._left.add(trial)

    def promotable(self, factor: int, closed: bool) -> int | None:
        """The best trial that may climb now. At a closed rung, where none will arrive, one always may."""
        share = max(len(self._ranked) // factor, 1 if closed else 0)
        while self._waiting and not self._waits(self._waiting[0]):
            heapq.heappop(self._waiting)
        if self._waiting and self._rank(self._waiting[0]) < share:
            return self._waiting[0][1]
        return None

    def _waits(self, arrival: tuple[float, int]) -> bool:
        rank = self._rank(arrival)
        compared = rank < len(self._ranked) and self._ranked[rank] == arrival
        return compared and arrival[1] not in self._left

    def _rank(self, arrival: tuple[float, int]) -> int:
        return bisect_left(self._ranked, arrival)


class Ladder:
    """All rungs of a sweep."""

    def __init__(self, levels: Iterable[int], factor: int, window: int | None = None) -> None:
        self.factor = factor
        self.rungs = [Rung(epochs, window) for epochs in levels]

    def arrive(self, trial: int, level: int, loss: float) -> None:
        self.rungs[level].arrive(trial, loss)

    def climber(self, all_asked: bool, running: Iterable[int]) -> tuple[int, int] | None:
        """Who may climb now, from the highest rung that has one: (trial, the level it would reach), or None.

        all_asked: whether no new trial will begin. running: the levels that trials are on their way to.
        """
        closed = self._closed(all_asked, set(running))
        for level in range(len(self.rungs) - 2, -1, -1):
            trial = self.rungs[level].promotable(self.factor, closed=level < closed)
            if trial is not None:
                return trial, level + 1
        return None

    def leave(self, trial: int, level: int) -> None:
        """The trial climbs from this level, or ends there; it will not be named again."""
        self.rungs[level].leave(trial)

    def _closed(self, all_asked: bool, running: set[int]) -> int:
        """How many rungs, from the lowest, nothing will arrive at any more."""
        if not all_asked:
            return 0
        for level, rung in enumerate(self.rungs):
            if level in running:
                return level
            if rung.promotable(self.factor, closed=True) is not None:
                return level + 1
        return len(self.rungs)
