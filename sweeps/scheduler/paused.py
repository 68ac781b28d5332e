"""The trials that wait at a rung."""

from __future__ import annotations

from bisect import bisect_left, insort


class Paused:
    """Who waits at each rung, best first. rungs: how many there are."""

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
