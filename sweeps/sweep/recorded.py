"""What the log has of one trial."""

from __future__ import annotations

from dataclasses import dataclass, field

from sweeps.errors import BadInput
from sweeps.events import JobReported, JobsAsked, ProcessBegun, SearchBegun
from sweeps.store import LogReader
from sweeps.trial import Job, Outcome, Row


@dataclass
class Recorded:
    """A trial as it was trained, over all its jobs.

    Attributes:
        job: Its last job. outcome: How that stands. error: What it raised, or why it was ended.
        restarts: The epochs from which later jobs went on.
        rows: The metrics of its epochs, as they were first heard of.
        processes: Who trained it.
    """

    job: Job
    outcome: Outcome = Outcome.RUNNING
    error: str | None = None
    restarts: list[int] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    processes: list[ProcessBegun] = field(default_factory=list)

    @property
    def stop(self) -> int:
        """The epoch up to which it is to be trained again."""
        if self.outcome.is_own:
            return max(self.job.stop, len(self.rows))
        return len(self.rows)

    def asked(self, job: Job) -> None:
        """The trial is trained on."""
        self.job, self.outcome, self.error = job, Outcome.RUNNING, None
        if job.start:
            self.restarts.append(job.start)

    def reported(self, event: JobReported, process: ProcessBegun | None) -> None:
        """A job of the trial has reported; epochs that are known are passed over.

        Raises:
            BadInput: The log has lost a report before this one.
        """
        first = event.epochs - event.count
        if first > len(self.rows):
            rule = f"has lost its epochs {len(self.rows) + 1} to {first}"
            raise BadInput("trial", event.trial, rule, "choose another trial")
        for k in range(len(self.rows) - first, event.count):
            row = {name: column[k] for name, column in event.rows.items()}
            self.rows.append({name: value for name, value in row.items() if value is not None})
        self.outcome, self.error = event.outcome, event.error
        if process is not None and process not in self.processes:
            self.processes.append(process)


def recorded(reader: LogReader, trial: int) -> Recorded:
    """The trial's past, as far as the log has it now.

    Raises:
        BadInput: There is no such trial, or it has no epochs and has not failed either.
    """
    found: Recorded | None = None
    process: ProcessBegun | None = None
    last = -1
    elsewhere: set[int] = set()
    for event in reader.every(ProcessBegun, SearchBegun, JobsAsked, JobReported):
        if isinstance(event, SearchBegun):
            elsewhere |= {seen.trial for seen in event.observed if seen.measured}
        elif isinstance(event, ProcessBegun):
            process = event
        elif isinstance(event, JobsAsked):
            for job in event.jobs:
                last = max(last, job.trial)
                if job.trial == trial:
                    _check_config_stays(job)
                    found = found or Recorded(job)
                    found.asked(job)
        elif isinstance(event, JobReported) and event.trial == trial and found is not None:
            found.reported(event, process)
    if found is None and trial in elsewhere:
        rule = "was measured elsewhere: this sweep has no epoch of it"
        raise BadInput("trial", trial, rule, "choose one that was trained here, such as a repeat of it")
    if found is None:
        fix = f"give a number from 0 to {last}" if last >= 0 else "wait for its first ones"
        raise BadInput("trial", trial, "is no trial that this sweep has begun", fix)
    if not found.rows and found.outcome is not Outcome.FAILED:
        rule = "has no epochs that could be compared"
        raise BadInput(
            "trial", trial, rule, "choose one that has some; `caviar show` says how many there are"
        )
    return found


def _check_config_stays(job: Job) -> None:
    if job.change is not None or job.parent is not None:
        rule = "was not trained with one config from its first epoch on"
        fix = f"train all that led to it again: caviar replay DIR --trial {job.trial}"
        raise BadInput("trial", job.trial, rule, fix)
