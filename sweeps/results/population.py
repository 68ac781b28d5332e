"""A population: which trials each member has been, and who went on from whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from sweeps.events import Event, JobReported, JobsAsked
from sweeps.results.result import SweepResult
from sweeps.space import Config
from sweeps.store import LOG, LogReader
from sweeps.trial import Job


class Exploit(NamedTuple):
    """That a member has gone on from the checkpoint of another one, as a new trial.

    Attributes:
        member: Its place. was, trial: The trial that it was before, and the one that it is from then on.
        donor: The trial whose checkpoint that is. epoch: The epochs behind the checkpoint.
        before, config: The donor's hyperparameters, and those that it goes on with.
        reason: How both stood.
    """

    member: int
    was: int
    trial: int
    donor: int
    epoch: int
    before: Config
    config: Config
    reason: str


@dataclass
class Population:
    """Who is who in a population, fed with the events of a log.

    Attributes:
        members: The trials that each has been, in order.
        exploits: Who went on from whom, in order.
        reached: The epochs behind each member.
    """

    members: list[list[int]] = field(default_factory=list)
    exploits: list[Exploit] = field(default_factory=list)
    reached: list[int] = field(default_factory=list)
    _member_of: dict[int, int] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        """The next event."""
        if isinstance(event, JobsAsked):
            for job in event.jobs:
                self._asked(job)
        elif isinstance(event, JobReported) and event.trial in self._member_of:
            self.reached[self._member_of[event.trial]] = event.epochs

    def member_of(self, trial: int) -> int | None:
        """Whose trial it is, or was; None where it is nobody's."""
        return self._member_of.get(trial)

    def descent(self, trial: int) -> list[Exploit]:
        """How the weights of a trial came about, from the first member that trained them on: each exploit
        by which they changed their place. Those of a trial that began at epoch 0 have none."""
        by_trial = {each.trial: each for each in self.exploits}
        found: list[Exploit] = []
        while trial in by_trial:
            found.insert(0, by_trial[trial])
            trial = by_trial[trial].donor
        return found

    def _asked(self, job: Job) -> None:
        if job.trial in self._member_of or job.repeats is not None:
            return
        if job.replaces is None:
            member = len(self.members)
            self.members.append([])
            self.reached.append(0)
        else:
            member = self._member_of[job.replaces]
        self.members[member].append(job.trial)
        self._member_of[job.trial] = member
        if job.replaces is not None and job.parent is not None:
            self.exploits.append(_exploit(member, job, job.replaces, job.parent))


def _exploit(member: int, job: Job, was: int, parent: tuple[int, int]) -> Exploit:
    donor, epoch = parent
    before, reason = (job.config, "") if job.change is None else (job.change.before, job.change.reason)
    return Exploit(member, was, job.trial, donor, epoch, before, job.config, reason)


def population_of(result: SweepResult) -> Population:
    """The same of a sweep's log."""
    found = Population()
    for event in LogReader(result.path / LOG).every(JobsAsked, JobReported):
        found.take(event)
    return found
