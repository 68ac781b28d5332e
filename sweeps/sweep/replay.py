"""Brings a sweep to where its log says it was: the ledger, the tables and the scheduler."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from sweeps.events import (
    RESUMED,
    Event,
    JobReported,
    JobRetried,
    JobsAsked,
    Noticed,
    Nudged,
    ProcessBegun,
    RoundBegun,
    SearchBegun,
    SearchEnded,
    StopAsked,
)
from sweeps.nudges import FORK, ROLL_BACK, Nudge
from sweeps.observation import Observation, measured
from sweeps.schedulers import Finals
from sweeps.space import Choice, Config, Fixed, Space, Value, config_text
from sweeps.spec import overridden
from sweeps.store import SPEC_FILE, TrialRow
from sweeps.sweep.contradictions import check_follows
from sweeps.sweep.ledger import Ledger
from sweeps.trial import Job, Outcome, Report, Round, Status

Decision: TypeAlias = JobsAsked | JobReported | Nudged | SearchEnded


@dataclass
class Replay:
    """Takes in the events of a log, one by one.

    Args:
        ledger: Of the sweep as it is asked for now; its tables are made again from the events.
        space: In whose own values the configs are handed to the trainable.
        searches: Whether the search is to go on from here. Otherwise decisions and ends are not kept, and
            configs are as the log has them.

    Attributes:
        rounds: All rounds so far.
        decisions: What the last scheduler was asked and told, in order.
        unfinished: The jobs that were asked for and have not ended, by trial.
        retried: How often each trial has been trained again by the sweep's `retries`.
        unwanted: Trials that the user has stopped.
        nudges: What a person has decided, in order.
        refused: The names of the nudges that were refused.
        seconds: How long processes have worked on the sweep.
    """

    ledger: Ledger
    space: Space
    searches: bool = True
    rounds: list[Round] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    unfinished: dict[int, Job] = field(default_factory=dict)
    retried: dict[int, int] = field(default_factory=dict)
    unwanted: set[int] = field(default_factory=set)
    nudges: list[Nudge] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    seconds: float = 0.0
    _last_time: float = 0.0
    _in_training: dict[int, float] = field(default_factory=dict)  # seconds of jobs that have not ended
    _last_jobs: dict[int, Job] = field(default_factory=dict)
    _first: Sequence[Observation] = ()  # trials that the last scheduler was given before they had begun
    _forks: int = 0  # that were asked for; they need not begin in that order
    _ends: dict[int, list[JobReported]] = field(default_factory=dict)  # of each trial's jobs

    def take(self, event: Event) -> None:
        """The next event of the log. Raises `Contradiction` where it cannot follow those before it."""
        check_follows(event, self.ledger.rows, self.unfinished, len(self._first) + self._forks)
        self._count_time(event)
        if isinstance(event, SearchBegun):
            self.decisions = []
            self._first = [self.own(seen) for seen in event.observed if seen.waits and not seen.begun]
            self._observed(event)
        elif isinstance(event, JobsAsked):
            self._asked(event)
        elif isinstance(event, JobReported):
            self._reported(event)
        elif isinstance(event, RoundBegun):
            self.rounds.append(event.round)
        elif isinstance(event, SearchEnded | Nudged):
            self._taken_in(event)
        elif isinstance(event, JobRetried):
            self._retried(event)
        elif isinstance(event, StopAsked):
            self.unwanted.add(event.trial)
        elif isinstance(event, Noticed) and event.refused is not None:
            self.refused.add(event.refused)

    def _count_time(self, event: Event) -> None:
        """From the begin of each process to its last event; nobody works between two processes."""
        if isinstance(event, SearchBegun):  # where a sweep is changed, it comes before its process begins
            return
        if not isinstance(event, ProcessBegun):
            self.seconds += max(event.time - self._last_time, 0.0)
        self._last_time = event.time

    def observations(self) -> list[Observation]:
        """All trials there are, as a fresh scheduler is to take them in."""
        begun = self.begun()
        rest = [seen for seen in self._first if seen.trial not in self.ledger.rows]
        rest = [replace(seen, trial=i) for i, seen in enumerate(rest, start=len(begun))]
        return [replace(seen, config=self.space.completed(seen.config)) for seen in begun + rest]

    def begun(self) -> list[Observation]:
        """The trials that have begun, as they stand."""
        return [self._observation(row) for _, row in sorted(self.ledger.rows.items())]

    def jobs_left(self) -> list[Job]:
        """The jobs whose end no process has heard of; their configs have all hyperparameters of the space."""
        return [replace(job, config=self.space.completed(job.config)) for job in self.unfinished.values()]

    def take_up(self, job: Job) -> JobRetried:
        """A job that has not ended is trained again; what the last process spent on it counts."""
        seconds = self._in_training.get(job.trial, 0.0)
        event = JobRetried(time=time.time(), trial=job.trial, why=RESUMED, seconds=seconds)
        self._retried(event)
        return event

    def retry(self, status: Status) -> int:
        """Let the trials of a status be trained again from the beginning; returns how many those are."""
        again = [row for row in self.ledger.rows.values() if row.status is status]
        for row in again:
            job = self._last_jobs[row.trial]
            job = replace(job, start=job.first)
            self.unfinished[row.trial] = job
            self.unwanted.discard(row.trial)
            self.ledger.begin(job)
        return len(again)

    def _observed(self, event: SearchBegun) -> None:
        """Trials that are trained again, such as failed ones, count as in training. Those measured elsewhere
        are known from the first time on."""
        new = [seen for seen in event.observed if seen.measured and seen.trial not in self.ledger.rows]
        of_this = bool(new) and self._is_of_this_objective(event.spec)
        for seen in new:
            own = self.own(seen)
            self.ledger.know(own if of_this else replace(own, objective=None))
        for seen in event.observed:
            if seen.outcome is Outcome.RUNNING and seen.trial not in self.unfinished:
                self.unfinished[seen.trial] = self._job_of(seen)
                self.ledger.begin(self.unfinished[seen.trial])

    def _is_of_this_objective(self, spec: str) -> bool:
        """Whether values that were given to a sweep with this spec are of what is compared now."""
        then, ledger = overridden(spec, SPEC_FILE), self.ledger
        return (then.metric, then.mode, then.objective) == (ledger.metric, ledger.mode, ledger.rule)

    def _taken_in(self, event: SearchEnded | Nudged) -> None:
        if isinstance(event, Nudged):
            self.nudges.append(event.nudge)
            self._forks += event.nudge.what in (FORK, ROLL_BACK)
            event = replace(event, nudge=self._own_nudge(event.nudge))
        self._decided(event)

    def _own_nudge(self, nudge: Nudge) -> Nudge:
        config, before = (in_own_values(each, self.space) for each in (nudge.config, nudge.before))
        return replace(nudge, config=config, before=before)

    def _decided(self, event: Decision) -> None:
        if self.searches:
            self.decisions.append(event)

    def _asked(self, event: JobsAsked) -> None:
        jobs = [self._own(job) if self.searches else job for job in event.jobs]
        self._decided(JobsAsked(time=event.time, capacity=event.capacity, jobs=jobs))
        for job in jobs:
            self.unfinished[job.trial] = self._last_jobs[job.trial] = job
            self.ledger.begin(job, event.time)

    def _reported(self, event: JobReported) -> None:
        self.ledger.replay(event)
        if event.outcome is Outcome.RUNNING:
            self._in_training[event.trial] = event.seconds
            return
        self._in_training.pop(event.trial, None)
        self.unfinished.pop(event.trial, None)
        if self.searches:
            self._told(event)

    def _told(self, event: JobReported) -> None:
        row = self.ledger.rows[event.trial]
        told = JobReported(
            trial=event.trial,
            epochs=event.epochs,
            outcome=event.outcome.told,
            objective=row.objective,
            seconds=event.seconds,
            recent=event.recent,
        )
        self.decisions.append(told)
        self._ends.setdefault(event.trial, []).append(replace(told, outcome=event.outcome, error=event.error))

    def _retried(self, event: JobRetried) -> None:
        self._in_training.pop(event.trial, None)
        self.ledger.retry(event)
        if event.attempt:
            self.retried[event.trial] = event.attempt

    def own(self, seen: Observation) -> Observation:
        """The same with the config in the space's own values."""
        pending = seen.pending
        if pending is not None:
            config = in_own_values(pending.config, self.space)
            pending = replace(pending, config=config, forks=tuple(map(self._own_nudge, pending.forks)))
        return replace(seen, config=in_own_values(seen.config, self.space), pending=pending)

    def _own(self, job: Job) -> Job:
        # Not always the row's: jobs of a changed sweep have the hyperparameters that came later, too.
        change = job.change
        if change is not None:
            change = replace(change, before=in_own_values(change.before, self.space))
        return replace(job, config=in_own_values(job.config, self.space), change=change)

    def _job_of(self, seen: Observation) -> Job:
        row = self.ledger.rows[seen.trial]
        stop = seen.stop or self._last_jobs[seen.trial].stop
        parent = None if row.parent is None else (row.parent, row.parent_epoch or 0)
        what = seen.trial, row.config, stop, seen.epochs, row.round, row.seed, row.repeats, parent
        return Job(*what, replaces=self._replaced_by(seen.trial))

    def _replaced_by(self, trial: int) -> int | None:
        last = self._last_jobs.get(trial)
        return None if last is None else last.replaces

    def _observation(self, row: TrialRow) -> Observation:
        if row.status is Status.MEASURED:
            return measured(row.trial, row.config, row.objective, row.epochs, self.ledger.epochs)
        job, ends = self.unfinished.get(row.trial), self._ends.get(row.trial, [])
        known = [(end.epochs, end.objective) for end in ends]
        if job is not None:
            known = [end for end in known if end[0] <= job.start]
        parent = None if row.parent is None else (row.parent, row.parent_epoch or 0)
        last = known.pop() if known else (row.parent_epoch or 0, None)
        outcome = _outcome(ends[-1]) if ends else Outcome.DONE
        return Observation(
            trial=row.trial,
            config=row.config,
            epochs=last[0] if job is None else job.start,
            objective=last[1],
            outcome=outcome if job is None else Outcome.RUNNING,
            stop=None if job is None else job.stop,
            round=row.round,
            earlier=tuple(known),
            seed=row.seed,
            repeats=row.repeats,
            parent=parent,
            replaces=self._replaced_by(row.trial),
        )


def in_own_values(config: Config, space: Space) -> Config:
    """A config of the log in the space's own values: members of an enum for what they stand for."""

    def own(name: str, value: Value) -> Value:
        given = space.distributions.get(name)
        return given.own(value) if isinstance(given, Choice | Fixed) and value in given else value

    return {name: own(name, value) for name, value in config.items()}


def replay_decisions(scheduler: Finals, decisions: Iterable[Decision]) -> int | None:
    """Ask and tell a fresh scheduler what another one like it was asked and told.

    Returns:
        How many decisions came out as they are recorded, if there is one that did not: then the scheduler is
        not to be used. None if all did.
    """
    for number, event in enumerate(decisions):
        if isinstance(event, SearchEnded):
            end_search(scheduler, event)
        elif isinstance(event, Nudged):
            if scheduler.babysat is None or not scheduler.babysat.has(event.nudge.branch):
                return number
            scheduler.babysat.nudge(event.nudge)
        elif isinstance(event, JobReported):
            scheduler.tell(report_of(event))
        elif not _same_jobs(scheduler.ask(event.capacity), event.jobs):
            return number
    return None


def report_of(event: JobReported) -> Report:
    """What the scheduler was told."""
    standing = event.trial, event.epochs, event.objective, event.outcome
    return Report(*standing, seconds=event.seconds, recent=event.recent)


def _outcome(end: JobReported) -> Outcome:
    """Of a trial that is not in training; one that was stopped with its search may go on in another."""
    if end.outcome is Outcome.STOPPED:
        return Outcome.DONE if end.error is None else Outcome.ENDED
    return end.outcome


def end_search(scheduler: Finals, event: SearchEnded) -> None:
    """Have a scheduler do what the event says."""
    if event.finals:
        scheduler.end_search()
    else:
        scheduler.end()


def _same_jobs(now: Sequence[Job], then: Sequence[Job]) -> bool:
    return [_key(job) for job in now] == [_key(job) for job in then]


def _key(job: Job) -> tuple[object, ...]:
    what = job.trial, job.start, job.stop, job.seed, job.repeats, job.round, config_text(job.config)
    return (
        *what,
        job.parent,
        job.replaces,
        None if job.change is None else (job.change.author, job.change.reason),
    )
