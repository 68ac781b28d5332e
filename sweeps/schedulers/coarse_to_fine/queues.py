"""The trials that are paused at a rung, and what was decided to be done next."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Iterable

from sweeps.space import Point


class Paused:
    """The trials that wait at each rung, best first. rungs: how many there are."""

    def __init__(self, rungs: int) -> None:
        self._ranked: list[list[tuple[float, int]]] = [[] for _ in range(rungs)]
        self._place: dict[int, tuple[int, float]] = {}

    def __len__(self) -> int:
        return len(self._place)

    def __contains__(self, trial: int) -> bool:
        return trial in self._place

    def add(self, trial: int, level: int, loss: float) -> None:
        insort(self._ranked[level], (loss, trial))
        self._place[trial] = level, loss

    def remove(self, trial: int) -> None:
        level, loss = self._place.pop(trial)
        ranked = self._ranked[level]
        del ranked[bisect_left(ranked, (loss, trial))]

    def best(self, count: int) -> list[int]:
        """The best `count` of each rung, the lowest rung's first."""
        return [trial for ranked in self._ranked for _, trial in ranked[:count]]


class Queue:
    """Trials to promote, by number, and points to begin new ones at; the first is done first."""

    def __init__(self) -> None:
        self._waiting: deque[int | Point] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def promotions(self) -> set[int]:
        """The trials to promote."""
        return {each for each in self._waiting if isinstance(each, int)}

    @property
    def new(self) -> int:
        """How many are to begin."""
        return len(self) - len(self.promotions)

    def extend(self, decided: Iterable[int | Point]) -> None:
        self._waiting.extend(decided)

    def take(self) -> int | Point:
        """The next; it is no longer waiting then."""
        return self._waiting.popleft()

    def clear(self) -> None:
        self._waiting.clear()
