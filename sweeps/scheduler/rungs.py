"""Rungs: the epoch counts at which trials are compared, and who climbs.

Asynchronous successive halving (Li et al., 2020, "A System for Massively Parallel Hyperparameter
Tuning", algorithm 2): a trial climbs as soon as it stands among the best 1/factor at its rung; nobody
waits for a rung to fill. Compared are the last `window` arrivals, since early ones come from wider regions.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field


def rung_epochs(epochs: int, factor: int, count: int) -> tuple[int, ...]:
    """Epoch counts of the rungs, lowest first: epochs, epochs/factor, epochs/factor², ….

    >>> rung_epochs(27, factor=4, count=3)
    (2, 7, 27)
    """
    levels = {round(epochs / factor**k) for k in range(count)}
    return tuple(sorted(level for level in levels if level >= 1))


@dataclass
class Rung:
    """The arrivals at one epoch count, and who has left upwards.

    A loss of infinity stands for an infeasible or failed trial: it counts as an arrival, so that the
    others' share stays right, and never climbs.
    """

    epochs: int
    window: int
    recent: deque[tuple[float, int]] = field(init=False)
    left: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.recent = deque(maxlen=self.window)

    def arrive(self, trial: int, loss: float) -> None:
        self.recent.append((loss, trial))

    def promotable(self, factor: int, closed: bool) -> int | None:
        """The best trial that may climb now. At a closed rung, where none will arrive, one always may."""
        share = max(len(self.recent) // factor, 1 if closed else 0)
        for loss, trial in sorted(self.recent)[:share]:
            if trial not in self.left and loss < float("inf"):
                return trial
        return None


class Ladder:
    """All rungs of a sweep."""

    def __init__(self, levels: Iterable[int], factor: int, window: int) -> None:
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
        self.rungs[level].left.add(trial)

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
