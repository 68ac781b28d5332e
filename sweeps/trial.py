"""The messages between the scheduler, the sweep loop and the executors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, TypeAlias

from numpy.typing import NDArray

from sweeps.space import Config

Mode: TypeAlias = Literal["min", "max"]
Row: TypeAlias = Mapping[str, float]
State: TypeAlias = dict[str, NDArray[Any]]


class Outcome(StrEnum):
    """How a job stands when it reports."""

    RUNNING = "running"  # rows so far; the job goes on
    DONE = "done"  # reached the epoch it was to reach
    ENDED = "ended"  # the trainable ended by itself before that; there is nothing left to train
    INFEASIBLE = "infeasible"  # diverged: NaN, inf or blow-up
    FAILED = "failed"  # raised, or killed its worker again and again
    STOPPED = "stopped"  # the sweep was told to stop


class Status(StrEnum):
    """What the trials table says of a trial."""

    RUNNING = "running"
    PAUSED = "paused"  # waits at a rung; may be promoted
    COMPLETED = "completed"  # trained for all its epochs
    STOPPED = "stopped"  # the sweep ended with it at a rung
    INFEASIBLE = "infeasible"
    FAILED = "failed"
    INTERRUPTED = "interrupted"  # in training when the sweep was stopped


@dataclass(frozen=True)
class Job:
    """Train this trial from epoch `start` to epoch `stop`.

    seed: of everything random in the training. repeats: the trial whose config this one trains again, if any.
    """

    trial: int
    config: Config
    stop: int
    start: int = 0
    round: int = 0
    seed: int = 0
    repeats: int | None = None


@dataclass(frozen=True)
class Report:
    """What a job gave back.

    epochs: how many epochs the trial has been trained for now.
    objective: the best value of the sweep's metric in this job; None if there is none.
    rows: the metrics of epochs `epochs` - len(rows) + 1 … `epochs`.
    checkpoint: what the trainable saved at `epochs`, if it did.
    """

    trial: int
    epochs: int
    objective: float | None
    outcome: Outcome = Outcome.DONE
    rows: Sequence[Row] = ()
    seconds: float = 0.0
    worker: str = ""
    error: str | None = None
    checkpoint: State | None = field(default=None, repr=False)


def is_better(value: float, than: float, mode: Mode) -> bool:
    """Whether a metric value beats another."""
    return value < than if mode == "min" else value > than
