"""A job that a pool has taken on, until its last report."""

from __future__ import annotations

from dataclasses import dataclass

from sweeps.trial import Checkpoint, Job


@dataclass(frozen=True)
class Stop:
    """That a job is to end, why, and by when at the latest, by `time.monotonic`."""

    why: str | None
    deadline: float


@dataclass
class Assignment:
    """A job with what it needs, and how often it has taken a worker down with it.

    Attributes:
        job: What to train.
        checkpoint: What to go on from.
        deaths: How many workers have died while training it.
        suspect: Whether it was held by a worker that died. It is then trained alone: of several jobs, the
            reports of the first may be lost with the worker that another kills, and they be blamed.
        number: Of this attempt to train it, on its worker.
        stop: Set when it is to end.
    """

    job: Job
    checkpoint: Checkpoint | None
    deaths: int = 0
    suspect: bool = False
    number: int = -1
    stop: Stop | None = None
