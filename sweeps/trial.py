"""The messages between the scheduler, the sweep loop and the executors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, NamedTuple, TypeAlias

from numpy.typing import NDArray

from sweeps.columns import Row
from sweeps.space import Config, Value

__all__ = [
    "Change",
    "Checkpoint",
    "Job",
    "Mode",
    "Outcome",
    "Prints",
    "Region",
    "Report",
    "Round",
    "Row",
    "State",
    "Status",
    "is_better",
]

Mode: TypeAlias = Literal["min", "max"]
State: TypeAlias = dict[str, NDArray[Any]]


class Checkpoint(NamedTuple):
    """What a trainable saved, and the epochs that were behind it then."""

    epoch: int
    state: State


class Prints(NamedTuple):
    """What a job has printed, from its letter `first` on; cut: whether there was more than is kept."""

    first: int
    text: str
    cut: bool = False


class Outcome(StrEnum):
    """How a job stands when it reports."""

    RUNNING = "running"  # rows so far; the job goes on
    DONE = "done"  # reached the epoch it was to reach
    ENDED = "ended"  # the trainable ended by itself before that; there is nothing left to train
    INFEASIBLE = "infeasible"  # diverged: NaN, inf or blow-up
    FAILED = "failed"  # raised, or killed its worker again and again
    STOPPED = "stopped"  # ended where it was: by a limit, or because the user asked for it

    @property
    def lost(self) -> bool:
        """Whether the trial has no objective, whatever it reported on the way."""
        return self in (Outcome.INFEASIBLE, Outcome.FAILED)

    @property
    def is_own(self) -> bool:
        """Whether the trial came to an end of its own, rather than to the one that it was given."""
        return self.lost or self is Outcome.ENDED

    @property
    def told(self) -> Outcome:
        """What a scheduler hears: a trial that was stopped has ended, with the objective that it has."""
        return Outcome.ENDED if self is Outcome.STOPPED else self


class Status(StrEnum):
    """What the trials table says of a trial."""

    RUNNING = "running"
    PAUSED = "paused"  # waits at a rung; may be promoted
    COMPLETED = "completed"  # trained for all its epochs
    STOPPED = "stopped"  # the sweep ended with it at a rung, or a limit or the user ended it where it was
    INFEASIBLE = "infeasible"
    FAILED = "failed"
    INTERRUPTED = "interrupted"  # in training when the sweep was stopped
    MEASURED = "measured"  # its objective was given with the sweep; it was never trained here


@dataclass(frozen=True)
class Change:
    """That a config is another one from an epoch on than the checkpoint there was trained with.

    Attributes:
        epoch: The epochs behind the checkpoint. before: The config that it was trained with.
        author: Who has decided it: a person's name, or an algorithm's. reason: In the author's words.
    """

    epoch: int
    before: Config
    author: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Job:
    """Train this trial from epoch `start` to epoch `stop`.

    seed: of everything random in the training. repeats: the trial whose config this one trains again, if any.
    parent: the trial and the epoch of the checkpoint that this trial begins from, in place of epoch 0; said
        in each of its jobs. change: that the config is another one than that of the checkpoint which the job
        begins from. replaces: the trial that ends where it is because this one goes on in its place; said
        in each of its jobs, too.
    """

    trial: int
    config: Config
    stop: int
    start: int = 0
    round: int = 0
    seed: int = 0
    repeats: int | None = None
    parent: tuple[int, int] | None = None
    change: Change | None = None
    replaces: int | None = None

    @property
    def first(self) -> int:
        """The epochs behind the trial when it began: those of its parent's checkpoint, if it has one."""
        return 0 if self.parent is None else self.parent[1]


@dataclass(frozen=True)
class Report:
    """What a job gave back.

    epochs: how many epochs the trial has been trained for now. More than the job asked for, where the trial
        had not reported the sweep's metric by then and was trained on until it did.
    objective: the trial's objective as it stands, by the sweep's rule; None while it has none. From an
        executor, of this job's epochs alone: the sweep loop, which knows the others, fills in the trial's.
    recent: what a scheduler that compares trials as they are now is told: the objective of the job's epochs
        alone; None where that is not known.
    rows: the metrics of epochs `epochs` - len(rows) + 1 … `epochs`.
    checkpoint: the last one that the trainable saved, if it did; to go on from.
    best: the one at the epoch that this job's objective is from, where that is another.
    started: when the worker began with the job, in seconds since 1970; 0 where that is not known.
    first, slowest: seconds of the job's first epoch, and of the longest of the others.
    silent: seconds since its last epoch, or since it began.
    note: what the user should know of the trainable, such as that it never restores.
    prints: what the job has printed, all of it once it is over; None where it printed nothing.
    """

    trial: int
    epochs: int
    objective: float | None
    outcome: Outcome = Outcome.DONE
    rows: Sequence[Row] = ()
    seconds: float = 0.0
    worker: str = ""
    error: str | None = None
    checkpoint: Checkpoint | None = field(default=None, repr=False)
    best: Checkpoint | None = field(default=None, repr=False)
    started: float = 0.0
    note: str | None = None
    first: float = 0.0
    slowest: float = 0.0
    silent: float = 0.0
    prints: Prints | None = field(default=None, repr=False)
    recent: float | None = None


def is_better(value: float, than: float, mode: Mode) -> bool:
    """Whether a metric value beats another."""
    return value < than if mode == "min" else value > than


@dataclass(frozen=True)
class Region:
    """The part of one hyperparameter's range that a round samples from, and why.

    low, high: its ends in the hyperparameter's own units; None for an unordered choice.
    elites: how many elites it was drawn around; 0 for the whole range.
    """

    hyperparameter: str
    low: Value | None
    high: Value | None
    elites: int
    reason: str


@dataclass(frozen=True)
class Round:
    """Trials drawn from one region: the box of one `Region` per searched hyperparameter."""

    index: int
    regions: tuple[Region, ...]
