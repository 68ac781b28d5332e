"""Ends what is to end before its time: by a limit, or because the user asks for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sweeps.errors import Interrupted
from sweeps.events import Event, SearchEnded, StopAsked
from sweeps.execution import Executor
from sweeps.schedulers import Finals
from sweeps.store import RunDirectory
from sweeps.sweep.limits import Limiter
from sweeps.sweep.replay import end_search
from sweeps.trial import Job, Outcome, Report

BY_USER = "stopped by the user"


@dataclass
class Endings:
    """Stops jobs, the search or the sweep.

    Args:
        limiter: Says what has come to a limit.
        scheduler: Is told that the search has ended.
        executor: Stops jobs.
        directory: Has the log, and the requests of other processes.
        say: Tells the user, once.
        emit: Notes an event.
        unwanted: The trials that the user has stopped, in earlier processes too.
    """

    limiter: Limiter
    scheduler: Finals
    executor: Executor
    directory: RunDirectory
    say: Callable[[str], None]
    emit: Callable[[Event], None]
    unwanted: set[int] = field(default_factory=set)

    def keep(self, jobs: Mapping[int, Job]) -> bool:
        """End what is due.

        Args:
            jobs: Those with the executor, by trial.

        Returns:
            Whether the search, or all of the sweep, has ended just now.

        Raises:
            Interrupted: The whole sweep is to be stopped.
        """
        self._keep_requests(jobs)
        for each in self.limiter.overdue(self.executor.silent()):
            if each.hangs:
                self.say(f"trial {each.trial} is ended: {each.why}")
                self.executor.kill(each.trial, each.why)
            else:
                self.executor.stop(each.trial, each.why)
        event = self._ending()
        if event is not None:
            self._end(event, jobs)
        return event is not None

    def _ending(self) -> SearchEnded | None:
        """That the search or all of the sweep ends now, and why."""
        why = None if self.scheduler.ended else self.limiter.sweep_over()
        if why is not None:
            return SearchEnded(time=time.time(), why=why, finals=False)
        if self.scheduler.searching:
            scheduler = self.scheduler
            why = self.limiter.search_over(scheduler.repeats, self.executor.workers, scheduler.settled)
        return None if why is None else SearchEnded(time=time.time(), why=why)

    def refusal(self, job: Job) -> Report | None:
        """The report of a job that is not to begin any more; None for one that may."""
        why = BY_USER if job.trial in self.unwanted else self.limiter.trial_over(job.trial)
        if why is None and not self._is_over(job):
            return None
        return Report(job.trial, job.start, None, Outcome.STOPPED, error=why)

    def _end(self, event: SearchEnded, jobs: Mapping[int, Job]) -> None:
        self.emit(event)
        self.say(f"{'the search' if event.finals else 'the sweep'} is ended by {event.why}")
        end_search(self.scheduler, event)
        for job in jobs.values():
            if self._is_over(job):
                self.executor.stop(job.trial)

    def _is_over(self, job: Job) -> bool:
        """Whether what the job belongs to has ended: the search, or all of the sweep."""
        return self.scheduler.search_ended if job.repeats is None else self.scheduler.ended

    def _keep_requests(self, jobs: Mapping[int, Job]) -> None:
        for trial in self.directory.requests.stops():
            if trial is None:
                raise Interrupted("stopped from another process; what had finished is on disk")
            self.unwanted.add(trial)
            self.emit(StopAsked(time=time.time(), trial=trial))
            self.say(f"trial {trial} is stopped, as the user asks")
            if trial in jobs:
                self.executor.stop(trial, BY_USER)
