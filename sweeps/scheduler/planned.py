"""What a sweep has decided to do next."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from sweeps.space import Point


class Planned:
    """Trials to go on with, by number, and points to begin new ones at; the first is done first."""

    def __init__(self) -> None:
        self._options: deque[int | Point] = deque()

    def __len__(self) -> int:
        return len(self._options)

    @property
    def climbers(self) -> set[int]:
        """The trials to go on with."""
        return {option for option in self._options if isinstance(option, int)}

    @property
    def new(self) -> int:
        """How many are to begin."""
        return len(self) - len(self.climbers)

    def extend(self, options: Iterable[int | Point]) -> None:
        self._options.extend(options)

    def take(self) -> int | Point:
        """The next; it is no longer planned then."""
        return self._options.popleft()

    def clear(self) -> None:
        self._options.clear()
