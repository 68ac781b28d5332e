"""Whether a sweep runs, has ended, or has died, as its log and its lease say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sweeps.errors import in_words
from sweeps.events import ProcessBegun, SweepEnded
from sweeps.store import LOG, LogReader, moment, read_holder

_WHY = 400  # letters of an error
Kind = Literal["running", "complete", "interrupted", "failed", "died", "unknown"]


@dataclass(frozen=True)
class State:
    """How a sweep stands.

    Attributes:
        kind: "died" where its process is gone without a word, "unknown" where the folder has no log, as that
            of an earlier version.
        text: The same in words, and what to do; "" for one that is complete or unknown.
        host, pid: The last process that worked on it.
    """

    kind: Kind
    text: str = ""
    host: str = ""
    pid: int = 0


def state_of(directory: Path) -> State:
    """How the sweep in a run directory stands now."""
    begun: ProcessBegun | None = None
    ended: SweepEnded | None = None  # by that process
    for event in LogReader(directory / LOG).every(ProcessBegun, SweepEnded):
        if isinstance(event, ProcessBegun):
            begun, ended = event, None
        elif isinstance(event, SweepEnded):
            ended = event
    return state_after(directory, begun, ended)


def state_after(directory: Path, begun: ProcessBegun | None, ended: SweepEnded | None) -> State:
    """How a sweep stands, by its lease and by what is known of its log.

    begun: the last process that has worked on it. ended: by that process.
    """
    if begun is None:
        return State("unknown")
    holder = read_holder(directory / LOG)
    if holder is not None and holder.alive:
        text = f"running on {holder.host} (process {holder.pid}) since {moment(holder.since)}"
        return State("running", text, holder.host, holder.pid)
    kind, text = _died(begun) if ended is None else _ended(ended)
    if text:
        text += f"; go on with: caviar resume {directory}"
    return State(kind, text, begun.host, begun.pid)


def state_here(ended: SweepEnded | None, over: bool) -> State:
    """How a sweep stands for the process that works on it, or has.

    ended: by that process. over: whether it has let go of it; without an end, since another one took it over.
    """
    if ended is None:
        return State("interrupted", "another process goes on with it") if over else State("running")
    kind, text = _ended(ended)
    return State(kind, f"{text}; sweeps.resume goes on with it" if text else "")


def _ended(end: SweepEnded) -> tuple[Kind, str]:
    if end.how == "complete":
        return "complete", ""
    if end.how == "interrupted":
        return "interrupted", f"interrupted at {moment(end.time)}"
    said = f"ended at {moment(end.time)}"
    if not end.why:
        return "failed", said
    first = end.why.splitlines()[0].rstrip(":")  # a traceback may follow
    return "failed", f"{said}: {in_words(first, _WHY)}"


def _died(begun: ProcessBegun) -> tuple[Kind, str]:
    when = f"begun at {moment(begun.time)}"
    return "died", f"its process ({begun.pid} on {begun.host}, {when}) is gone and has not ended it"
