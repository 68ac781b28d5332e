"""What is left of a job and of a worker that has died, and why it has."""

from __future__ import annotations

from collections.abc import Sequence

from cluster.pool.assignment import Assignment
from cluster.workers.answers import Ref, ready, take
from sweeps.execution.process import CallRaised, WorkerDied
from sweeps.execution.worker import Batch, Standing
from sweeps.trial import Outcome, Report


def finished(ref: Ref) -> Batch | Standing | None:
    """The answer behind the reference if it tells of jobs, and had come before its worker died."""
    try:
        answer = take(ref) if ready([ref], 0) else None
    except (WorkerDied, CallRaised):
        return None
    return answer if isinstance(answer, Batch | Standing) else None


def failure(assignment: Assignment, worker: str, reason: str, seconds: float = 0.0) -> Report:
    """The report of a job whose worker can tell nothing of it any more."""
    job = assignment.job
    return Report(job.trial, job.start, None, Outcome.FAILED, worker=worker, error=reason, seconds=seconds)


def stopped(assignment: Assignment, worker: str = "", seconds: float = 0.0) -> Report:
    """The report of a job that was stopped before it began, or with its worker."""
    job, why = assignment.job, assignment.stop.why if assignment.stop is not None else None
    return Report(job.trial, job.start, None, Outcome.STOPPED, worker=worker, error=why, seconds=seconds)


def death_notice(name: str, held: Sequence[Assignment], killer: Assignment | None, why: str) -> str:
    """A worker's death in words."""
    during = ""
    if killer is not None:
        during = f" with trial {killer.job.trial} in training"
    elif held:
        during = f" with one of {len(held)} trials in training, {held[0].job.trial} the first of them"
    return f"{name} died{during} and is replaced: {why}"
