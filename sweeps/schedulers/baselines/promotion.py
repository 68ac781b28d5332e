"""Which trials successive halving promotes.

Asynchronous successive halving (Li et al., 2020, "A System for Massively Parallel Hyperparameter
Tuning", algorithm 2): a trial is promoted as soon as it is among the best 1/factor at its rung; no trial
waits for a rung to fill.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, insort
from collections.abc import Iterable


class Rung:
    """The arrivals at one epoch count, and which of them wait to be promoted.

    A loss of infinity stands for an infeasible or failed trial: it counts as an arrival, so that the
    others' share stays right, and is never promoted.
    """

    def __init__(self, epochs: int) -> None:
        self.epochs = epochs
        self._ranked: list[tuple[float, int]] = []  # all arrivals, best first
        self._waiting: list[tuple[float, int]] = []  # a heap; may hold some that left
        self._left: set[int] = set()

    def arrive(self, trial: int, loss: float) -> None:
        insort(self._ranked, (loss, trial))
        if loss < float("inf"):
            heapq.heappush(self._waiting, (loss, trial))

    def leave(self, trial: int) -> None:
        """The trial waits no more."""
        self._left.add(trial)

    def promotable(self, factor: int, closed: bool) -> int | None:
        """The best trial that may be promoted now; at a closed rung, where none will arrive, one may."""
        share = max(len(self._ranked) // factor, 1 if closed else 0)
        best = self.best()
        if best is not None and bisect_left(self._ranked, self._waiting[0]) < share:
            return best
        return None

    def best(self) -> int | None:
        """The best of those that wait."""
        while self._waiting and self._waiting[0][1] in self._left:
            heapq.heappop(self._waiting)
        return self._waiting[0][1] if self._waiting else None


class Promotions:
    """All rungs of a sweep, and which trial is promoted next.

    any_completed: whether a trial has come to the last rung, or ended by itself before, with a finite loss.
    """

    def __init__(self, levels: Iterable[int], factor: int) -> None:
        self.factor = factor
        self.rungs = [Rung(epochs) for epochs in levels]
        self.any_completed = False

    def arrive(self, trial: int, level: int, loss: float) -> None:
        self.rungs[level].arrive(trial, loss)
        self.any_completed |= level == len(self.rungs) - 1 and loss < float("inf")

    def next(self, all_asked: bool, running: Iterable[int]) -> tuple[int, int] | None:
        """The next promotion, from the highest rung that has one: (trial, the level it would reach), or None.

        Where those promoted have all failed, and nobody else will come, the best of the others is.
        all_asked: whether no new trial will begin. running: the levels that trials are on their way to.
        """
        closed = self._closed(all_asked, set(running))
        for level in range(len(self.rungs) - 2, -1, -1):
            trial = self.rungs[level].promotable(self.factor, closed=level < closed)
            if trial is not None:
                return trial, level + 1
        return self._instead() if closed == len(self.rungs) and not self.any_completed else None

    def _instead(self) -> tuple[int, int] | None:
        """The best trial of the highest rung below the last where one waits."""
        for level in range(len(self.rungs) - 2, -1, -1):
            if (trial := self.rungs[level].best()) is not None:
                return trial, level + 1
        return None

    def leave(self, trial: int, level: int) -> None:
        """The trial is promoted from this level, or ends there; it will not be named again."""
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
