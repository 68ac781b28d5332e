"""What a person asks of a model in training: as it was written, and as it is decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sweeps.space import Config

SET, FORK, ROLL_BACK = "set", "fork", "roll back"
PAUSE, GO_ON, KEEP = "pause", "go on", "keep"
WHATS = (SET, FORK, ROLL_BACK, PAUSE, GO_ON, KEEP)


@dataclass(frozen=True)
class Asked:
    """A nudge as a person writes it.

    Attributes:
        what: One of `WHATS`. branch: The trial it is for; None for the only one in training, or, to pause and
            to go on, for all. epoch: Of the checkpoint to roll back to or to fork from; None for the branch's
            next one.
        values: Hyperparameter → its new value, or how it is to change: "*2", "/10".
        author, reason: Whose it is, and why. time: When, in seconds since 1970.
        name: Unique, of the request.
    """

    what: str = SET
    branch: int | None = None
    epoch: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    author: str = ""
    reason: str = ""
    time: float = 0.0
    name: str = ""


@dataclass(frozen=True)
class Nudge:
    """A nudge as the scheduler is told, and as the log has it.

    Attributes:
        what: One of `WHATS`. branch: The trial it is for; None for all.
        epoch: Of the checkpoint that a new branch begins from; None for that of the branch's next stop.
        of: The trial that has that checkpoint: the branch itself, or one that it began from.
        config: What is trained from there on; empty where nothing is set.
        before: What that checkpoint was trained with, where the epoch is given; else empty.
        author, reason: Whose it is, and why.
        name: Of the request that it comes from.
    """

    what: str
    branch: int | None = None
    epoch: int | None = None
    of: int | None = None
    config: Config = field(default_factory=dict)
    before: Config = field(default_factory=dict)
    author: str = ""
    reason: str = ""
    name: str = ""


@dataclass(frozen=True)
class Pending:
    """What a person has decided of a branch and is not trained yet, for a scheduler that takes it over.

    Attributes:
        config: What it goes on with.
        notes: Author and reason of each decision.
        forks: What is to begin at its next stop.
        paused, left: Whether it waits, and whether it was given up for another one.
    """

    config: Config
    notes: Sequence[tuple[str, str]] = ()
    forks: Sequence[Nudge] = ()
    paused: bool = False
    left: bool = False
