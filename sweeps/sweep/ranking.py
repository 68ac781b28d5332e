"""Who is the best of many trials whose standings change, without a look at all of them."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from typing import TypeAlias

Standing: TypeAlias = tuple[bool, float]

_MOST = 4096  # standings that are kept


class Ranking:
    """Keeps the best standings heard of; those that no longer hold are passed over when they come up.

    Args:
        now: A trial's standing as it is, None where it has none.
        trials: All trials there are; asked for only where all standings kept have come up in vain.

    Examples:
        >>> standings = {0: (False, 0.5), 1: (False, 0.25)}
        >>> ranking = Ranking(standings.get, standings.keys)
        >>> for trial, standing in standings.items():
        ...     ranking.hear(trial, standing)
        >>> ranking.best()
        1
        >>> standings[1] = (False, 0.75)
        >>> ranking.hear(1, (False, 0.75))
        >>> ranking.best()
        0
    """

    def __init__(self, now: Callable[[int], Standing | None], trials: Callable[[], Iterable[int]]) -> None:
        self._now, self._trials = now, trials
        self._heap: list[tuple[Standing, int]] = []
        self._end: tuple[Standing, int] | None = None  # what is worse than this may not have been kept

    def hear(self, trial: int, standing: Standing) -> None:
        """A trial stands like this now; said at each change."""
        entry = (standing, trial)
        if self._end is None or entry <= self._end:
            heapq.heappush(self._heap, entry)
            if len(self._heap) > _MOST:
                self._heap = sorted(self._heap)[: _MOST // 2]
                self._end = self._heap[-1]

    def best(self) -> int | None:
        """The trial of the best standing, the earlier one of equals; None where none has any."""
        found = self._first()
        if found is None and self._end is not None:
            self._look_at_all()
            found = self._first()
        return found

    def first(self, count: int) -> list[int]:
        """The trials of the best standings, at most so many, the best first; 2,048 are surely kept."""
        found = self._taken(count)
        if len(found) < count and self._end is not None:
            self._look_at_all()
            found = self._taken(count)
        for trial, standing in found.items():
            heapq.heappush(self._heap, (standing, trial))
        return list(found)

    def _taken(self, count: int) -> dict[int, Standing]:
        """Take the best off the heap, with all entries before them."""
        found: dict[int, Standing] = {}
        while len(found) < count and (trial := self._first()) is not None:
            found[trial] = heapq.heappop(self._heap)[0]
        return found

    def _look_at_all(self) -> None:
        self._end = None
        for trial in self._trials():
            if (standing := self._now(trial)) is not None:
                self.hear(trial, standing)

    def _first(self) -> int | None:
        while self._heap:
            standing, trial = self._heap[0]
            if self._now(trial) == standing:
                return trial
            heapq.heappop(self._heap)
        return None
