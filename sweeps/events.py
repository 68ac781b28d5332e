"""The events of a sweep: what happened to it, in order. The loop emits them, the log keeps them.

From the events alone the tables can be made again and the scheduler be brought to where it was. Whoever
reads a log passes over kinds and fields that it does not know, so that later versions may add some.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from sweeps.columns import Columns
from sweeps.nudges import Nudge
from sweeps.observation import Observation
from sweeps.trial import Job, Outcome, Round


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that happened to a sweep.

    Attributes:
        kind: What it was, in the log.
        time: When, in seconds since 1970; a clock may jump, so the order is that of the log.
    """

    kind: ClassVar[str] = ""
    time: float = 0.0


@dataclass(frozen=True, kw_only=True)
class ProcessBegun(Event):
    """A process began to work on the sweep: the first one, or one that resumes it.

    Attributes:
        host: The machine's name. pid: The process. versions: Of Python, the main packages
            and what the trainable says that its results depend on.
        code: A fingerprint of the trainable's code. data: One of the data; "" where there is none.
        folder: Where its spec lay, from which the trainable is imported.
    """

    kind = "process"
    host: str = ""
    pid: int = 0
    versions: Mapping[str, str] = field(default_factory=dict)
    code: str = ""
    data: str = ""
    folder: str = ""


@dataclass(frozen=True, kw_only=True)
class SearchBegun(Event):
    """A fresh scheduler began to search; what it is asked and told from here on follows.

    Attributes:
        spec: The sweep as it is asked for from here on, the text of its spec.yaml.
        why: "start", or why an earlier scheduler was replaced, in words.
        observed: The trials that the scheduler was given.
        first_round: How many rounds there were before its first one.
    """

    kind = "search"
    spec: str
    why: str = "start"
    observed: Sequence[Observation] = ()
    first_round: int = 0


@dataclass(frozen=True, kw_only=True)
class JobsAsked(Event):
    """The scheduler was asked for at most `capacity` jobs, and gave these."""

    kind = "asked"
    capacity: int
    jobs: Sequence[Job] = ()


@dataclass(frozen=True, kw_only=True)
class JobReported(Event):
    """A job has reported: its progress, or, unless the outcome is RUNNING, its end.

    Attributes:
        trial: The trial. epochs: How many it has been trained for now.
        outcome: As in `Report`. objective, best_epoch: The trial's as they stand then.
        rows: The metrics of the trial's last epochs, those that no event before this one had.
        count: How many epochs those are.
        seconds: That the job has taken so far. worker, error: As in `Report`.
        started: When the worker began with it, in seconds since 1970; 0 where that is not known.
        recent: As in `Report`, where a scheduler is told of it.
    """

    kind = "reported"
    trial: int
    epochs: int
    outcome: Outcome
    objective: float | None = None
    best_epoch: int | None = None
    rows: Columns = field(default_factory=dict)
    count: int = 0
    seconds: float = 0.0
    worker: str = ""
    error: str | None = None
    started: float = 0.0
    recent: float | None = None


RESUMED = "the sweep was resumed"
"""Why a job is trained again that nothing has happened to but the end of its process."""


@dataclass(frozen=True, kw_only=True)
class JobRetried(Event):
    """A job that had not ended well is trained again: it failed, or its worker or its driver died.

    Attributes:
        trial: The trial. why: In words.
        attempt: How often it was tried again by the sweep's `retries`; 0 where nothing is charged to it.
        seconds: That the attempt which was lost took; they are the trial's.
    """

    kind = "retried"
    trial: int
    why: str = ""
    attempt: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class StopAsked(Event):
    """The user asked for the end of one trial; none of its jobs begins any more."""

    kind = "stop asked"
    trial: int


@dataclass(frozen=True, kw_only=True)
class Nudged(Event):
    """A person has changed how a model in training goes on, and the scheduler was told so."""

    kind = "nudge"
    nudge: Nudge


@dataclass(frozen=True, kw_only=True)
class SearchEnded(Event):
    """A limit ended the search before its scheduler had finished.

    Attributes:
        why: In words that follow "ended by".
        finals: Whether finals follow; False where they were ended, too.
    """

    kind = "search ended"
    why: str = ""
    finals: bool = True


@dataclass(frozen=True, kw_only=True)
class EarlierJudged(Event):
    """How much the search has found earlier sweeps to be worth, when a process ends its work.

    Attributes:
        worth: By the name of each, how alike its results are to this sweep's, from 0 to 1.
    """

    kind = "earlier judged"
    worth: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RoundBegun(Event):
    """Trials are drawn from a new region."""

    kind = "round"
    round: Round


@dataclass(frozen=True, kw_only=True)
class Noticed(Event):
    """Something that the user was told: a worker that waits, was lost or joined, a file not written.

    Attributes:
        text: In words. refused: The name of the nudge that was refused, where it is one.
    """

    kind = "notice"
    text: str
    refused: str | None = None


@dataclass(frozen=True, kw_only=True)
class SweepEnded(Event):
    """A process ended its work on the sweep.

    Attributes:
        how: "complete", "interrupted", or "failed".
        why: In words.
    """

    kind = "ended"
    how: str
    why: str = ""


KINDS: Mapping[str, type[Event]] = {
    each.kind: each
    for each in (
        ProcessBegun,
        SearchBegun,
        SearchEnded,
        JobsAsked,
        JobReported,
        JobRetried,
        StopAsked,
        Nudged,
        EarlierJudged,
        RoundBegun,
        Noticed,
        SweepEnded,
    )
}
