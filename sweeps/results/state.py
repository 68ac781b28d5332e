"""Whether a sweep runs, has ended, or has died, as its log and its lease say."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sweeps.events import Event, ProcessBegun, SweepEnded
from sweeps.store import LOG, LogReader, read_holder

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
    reader = LogReader(directory / LOG)
    begun = reader.last(ProcessBegun)
    if begun is None:
        return State("unknown")
    holder = read_holder(directory / LOG)
    if holder is not None and holder.alive:
        text = f"running on {holder.host} (process {holder.pid}) since {_moment(holder.since)}"
        return State("running", text, holder.host, holder.pid)
    last = reader.last(*_ENDS)
    kind, text = _ended(last) if isinstance(last, SweepEnded) else _died(begun)
    if text:
        text += f"; go on with: caviar resume {directory}"
    return State(kind, text, begun.host, begun.pid)


_ENDS: tuple[type[Event], ...] = (ProcessBegun, SweepEnded)


def _ended(end: SweepEnded) -> tuple[Kind, str]:
    if end.how == "complete":
        return "complete", ""
    if end.how == "interrupted":
        return "interrupted", f"interrupted at {_moment(end.time)}"
    reason = f": {end.why.splitlines()[0]}" if end.why else ""
    return "failed", f"ended at {_moment(end.time)}{reason}"


def _died(begun: ProcessBegun) -> tuple[Kind, str]:
    when = f"begun at {_moment(begun.time)}"
    return "died", f"its process ({begun.pid} on {begun.host}, {when}) is gone and has not ended it"


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(seconds))
