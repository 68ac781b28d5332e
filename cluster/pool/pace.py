"""How long jobs are, by those that have ended, and how many are therefore handed out in one call."""

from __future__ import annotations

from cluster.pool.slot import LONG_SECONDS

_CALL_SECONDS = 0.1  # so much work is handed out in one call, where jobs are shorter …
_MOST_A_CALL = 256  # … but no more jobs: the reports of one call come in together
_OLD = 0.9  # the weight of all jobs before the last


class Pace:
    """A moving average of the seconds of jobs.

    Attributes:
        usual: The average; None before the first job has ended.
        seats: How many jobs a worker trains at once, as one pack.

    Examples:
        >>> pace = Pace()
        >>> pace.most, pace.ahead
        (1, False)
        >>> pace.learn(seconds=0.02, jobs=1)
        >>> pace.most, pace.ahead
        (5, True)
    """

    def __init__(self) -> None:
        self.usual: float | None = None
        self.seats = 1

    def learn(self, seconds: float, jobs: int) -> None:
        """So many jobs have taken so many seconds in all."""
        if not jobs:
            return
        old = _OLD**jobs if self.usual is not None else 0.0
        self.usual = old * (self.usual or 0.0) + (1 - old) * seconds / jobs

    @property
    def most(self) -> int:
        """How many jobs a call may have: one, unless they are known to be short, or a pack of them."""
        if self.usual is None:
            return 1
        return int(max(self.seats, min(_MOST_A_CALL, _CALL_SECONDS / max(self.usual, 1e-9))))

    @property
    def ahead(self) -> bool:
        """Whether workers are given a call while another is in training: where jobs are known to be short."""
        return self.usual is not None and self.usual < LONG_SECONDS
