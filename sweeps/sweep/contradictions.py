"""Whether the next event of a log can follow those before it.

A checksum shows damage, and `store/sound.py` what no event can be. What is looked for here are records that
are whole, and yet cannot be of one sweep: they were edited, or come from another log.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from sweeps.errors import BadInput
from sweeps.events import Event, JobReported, JobRetried, JobsAsked, SearchBegun
from sweeps.store import TrialRow
from sweeps.trial import Job, Outcome, Status

Rows: TypeAlias = Mapping[int, TrialRow]


class Contradiction(ValueError):
    """An event that cannot follow those before it; says why, as a clause that follows "record 7"."""


def contradicts(directory: Path, record: int, fault: Contradiction) -> BadInput:
    """The error where a record of a run directory's log cannot follow those before it."""
    fix = "restore the log from a copy; the tables beside it can be read all the same"
    return BadInput(str(directory), "log", f"contradicts itself: record {record} {fault}", fix)


def check_follows(event: Event, rows: Rows, unfinished: Mapping[int, Job], waiting: int) -> None:
    """Raise `Contradiction` where an event cannot follow.

    Args:
        event: The next one of the log.
        rows: Of the trials that have begun.
        unfinished: The jobs that were asked for and have not ended, by trial.
        waiting: How many more trials the search knew of before they have begun.
    """
    if isinstance(event, JobReported):
        _check_report(event, rows, unfinished)
    elif isinstance(event, JobsAsked):
        _check_jobs(event, rows, unfinished, waiting)
    elif isinstance(event, JobRetried) and event.trial not in rows:
        raise Contradiction(f"trains trial {event.trial} again, which has never begun")
    elif isinstance(event, SearchBegun):
        _check_search(event, rows, unfinished)


def _check_report(event: JobReported, rows: Rows, unfinished: Container[int]) -> None:
    what = f"is a report of trial {event.trial}"
    if event.trial not in rows:
        raise Contradiction(f"{what}, which no record before it asks for")
    if event.trial not in unfinished:
        raise Contradiction(f"{what}, none of whose jobs is in training then")
    known, first = rows[event.trial].epochs, event.epochs - event.count
    if event.count and first != known:
        raise Contradiction(f"{what} from epoch {first + 1} on, of which {known} epochs are known before")


def _check_jobs(event: JobsAsked, rows: Rows, unfinished: Container[int], waiting: int) -> None:
    new = len(rows) + waiting + len(event.jobs)
    asked: set[int] = set()
    for job in event.jobs:
        what = f"asks for a job of trial {job.trial}"
        if job.trial in asked or job.trial in unfinished:
            raise Contradiction(f"{what}, which is in training then")
        if job.trial in rows and rows[job.trial].status is Status.MEASURED:
            raise Contradiction(f"{what}, which was measured elsewhere")
        if job.trial not in rows and job.trial >= new:
            raise Contradiction(f"{what}, where there are {len(rows)} trials")
        if job.parent is not None:
            _check_parent(job, rows, what)
        asked.add(job.trial)


def _check_parent(job: Job, rows: Rows, what: str) -> None:
    """A trial begins from a checkpoint of one that was there before it."""
    trial, epoch = job.parent or (0, 0)
    known = rows.get(job.trial)
    if trial not in rows or trial == job.trial or epoch > rows[trial].epochs:
        raise Contradiction(f"{what} from epoch {epoch} of trial {trial}, which has none")
    if known is not None and (known.parent, known.parent_epoch) != job.parent:
        raise Contradiction(f"{what} from another checkpoint than it began from")
    if job.start < epoch:
        raise Contradiction(f"{what} from epoch {job.start} on, where it began at epoch {epoch}")


def _check_search(event: SearchBegun, rows: Rows, unfinished: Mapping[int, Job]) -> None:
    what = "begins a search"
    if [seen.trial for seen in event.observed] != list(range(len(event.observed))):
        raise Contradiction(f"{what} with trials that are not numbered 0, 1, 2, …")
    if len(event.observed) < len(rows):
        raise Contradiction(f"{what} with {len(event.observed)} trials, where there are {len(rows)}")
    in_training = {seen.trial for seen in event.observed if seen.outcome is Outcome.RUNNING}
    if lost := sorted(unfinished.keys() - in_training):
        raise Contradiction(f"{what} that does not know of trial {lost[0]}, which is in training then")
    for trial in _unknown(event, rows):
        raise Contradiction(f"{what} with results of trial {trial}, which has never begun")


def _unknown(event: SearchBegun, rows: Rows) -> Iterator[int]:
    """Trials that have results, and yet are neither measured elsewhere nor of this sweep."""
    for seen in event.observed:
        if seen.trial not in rows and not seen.measured and (seen.begun or not seen.waits):
            yield seen.trial
