"""What limits a sweep: its workers, as it should be, or this process, or the search."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

_MEMORY_SECONDS = 10.0  # what was so long ago counts a third
_WAITING = "waiting for workers"
_MOST_BUSY = 0.8  # of this process's time; then workers wait for it
_MOST_IDLE = 0.25  # of the workers' time


class Bottleneck:
    """Averages over the last seconds where the loop's time has gone, and how many workers had a job.

    Args:
        clock: Tells the time in seconds.

    Attributes:
        spent: The seconds that went into each work so far, and into waiting for workers.

    Examples:
        >>> times = iter([0.0, 9.0, 9.0, 10.0])
        >>> look = Bottleneck(clock=lambda: next(times))
        >>> with look.during("deciding"):
        ...     pass
        >>> with look.waiting(idle=0.0):
        ...     pass
        >>> look.text
        'this process is the limit: 89 % of its time goes into deciding'
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._busy: dict[str, float] = {}
        self._waited = self._idle = self._observed = 0.0
        self.spent: dict[str, float] = {}

    def during(self, work: str) -> AbstractContextManager[None]:
        """While this process works, and at what."""

        def add(seconds: float) -> None:
            self._busy[work] = self._busy.get(work, 0.0) + seconds
            self.spent[work] = self.spent.get(work, 0.0) + seconds

        return self._timed(add)

    def waiting(self, idle: float) -> AbstractContextManager[None]:
        """While it waits for the workers, of which a share is idle."""

        def add(seconds: float) -> None:
            self._waited += seconds
            self.spent[_WAITING] = self.spent.get(_WAITING, 0.0) + seconds
            self._idle += idle * seconds

        return self._timed(add)

    @property
    def text(self) -> str:
        """What limits the sweep, if not its workers; "" where they do, and in its first seconds."""
        total = self._waited + sum(self._busy.values())
        if self._observed < _MEMORY_SECONDS or not total:
            return ""
        if sum(self._busy.values()) > _MOST_BUSY * total:
            work = max(self._busy, key=lambda name: self._busy[name])
            share = 100 * self._busy[work] / total
            return f"this process is the limit: {share:.0f} % of its time goes into {work}"
        if self._waited and self._idle > _MOST_IDLE * self._waited:
            share = 100 * self._idle / self._waited
            return f"{share:.0f} % of the workers idle: the search waits for trials in training"
        return ""

    @contextmanager
    def _timed(self, add: Callable[[float], None]) -> Iterator[None]:
        """What was before fades by the time that is spent inside, which is added."""
        began = self._clock()
        try:
            yield
        finally:
            seconds = self._clock() - began
            self._fade(seconds)
            add(seconds)

    def _fade(self, seconds: float) -> None:
        self._observed += seconds
        kept = math.exp(-seconds / _MEMORY_SECONDS)
        self._busy = {work: kept * spent for work, spent in self._busy.items()}
        self._waited, self._idle = kept * self._waited, kept * self._idle
