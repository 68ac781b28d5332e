"""The seam between the sweep loop and whoever trains."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from sweeps.trial import Checkpoint, Job, Report


class Lost(NamedTuple):
    """An attempt at a trial's job that has died with its worker: why, and after how many seconds."""

    trial: int
    why: str
    seconds: float = 0.0


class Executor(Protocol):
    """Trains jobs. All calls come from one thread.

    A report whose outcome is RUNNING carries the rows so far of a job that goes on; each job's last
    report carries all its rows, so a reader keeps those it has not seen.
    """

    @property
    def free(self) -> int:
        """How many jobs may be submitted now."""

    @property
    def description(self) -> str:
        """Who trains, for the screen: workers, and where to watch them."""

    @property
    def workers(self) -> int:
        """How many jobs are trained at once."""

    def submit(self, job: Job, checkpoint: Checkpoint | None = None) -> None:
        """Train a job, from the checkpoint if there is one, else from the beginning."""

    def poll(self, timeout: float) -> list[Report]:
        """What has come in, after waiting at most `timeout` seconds for something."""

    def stop(self, trial: int, why: str | None = None) -> None:
        """End the trial's job at its next epoch, or at once where it has not begun.

        Its report is STOPPED, with the rows and the checkpoint it has by then, and `why` as its error. A job
        that has ended meanwhile, or is to stop already, is left as it is.
        """

    def kill(self, trial: int, why: str) -> None:
        """End the trial's job with the worker that trains it, which is replaced; its report is FAILED.

        In this process nobody can end an epoch that hangs: there it is `stop`.
        """

    def silent(self) -> Mapping[int, float]:
        """For how many seconds each trial in training has had no new epoch, as far as can be known."""

    def retried(self) -> list[Lost]:
        """The attempts that have died with their worker since the last call; those jobs are trained again."""

    def notices(self) -> list[str]:
        """News of the workers since the last call, for the user: who waits, is lost or joins, and why."""

    def close(self) -> None:
        """Stop what is running and free everything. Safe to call twice."""
