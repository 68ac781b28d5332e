"""Watches the branches of a model in training for alarms, each told once until something is changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from sweeps.events import Event, JobReported, JobsAsked
from sweeps.nudging.alarms import Alarm, Curve, alarm_of
from sweeps.space import Config
from sweeps.trial import Job, Mode, Outcome

_LOSS = "val_loss"  # by which alarms go, where it is reported


@dataclass
class _Watched:
    """A branch: its config, its epochs since something was changed, and the first training loss of all."""

    config: Config
    first: int = 1
    rows: list[dict[str, float]] = field(default_factory=list)
    start: float | None = None
    told: set[str] = field(default_factory=set)


@dataclass
class AlarmWatch:
    """Takes the events of a run, and gives the alarms that came since it was asked last.

    Args:
        metric, mode: What the run is compared by. Alarms go by the validation loss where it is reported, else
            by the metric, if that is to become smaller.
        known: The hyperparameters that may be set, of which nudges are proposed; empty where nobody says.
    """

    metric: str
    mode: Mode
    known: Collection[str] = ()
    _branches: dict[int, _Watched] = field(default_factory=dict)
    _new: list[tuple[int, Alarm]] = field(default_factory=list)

    def take(self, event: Event) -> None:
        """The next event."""
        if isinstance(event, JobsAsked):
            for job in event.jobs:
                self._asked(job)
        elif isinstance(event, JobReported) and event.trial in self._branches:
            self._reported(event, self._branches[event.trial])

    def alarms(self) -> list[tuple[int, Alarm]]:
        """The new ones, each with its branch."""
        found, self._new = self._new, []
        return found

    def _asked(self, job: Job) -> None:
        branch = self._branches.get(job.trial)
        if branch is None:
            parent = None if job.parent is None else self._branches.get(job.parent[0])
            start = None if parent is None else parent.start
            self._branches[job.trial] = _Watched(job.config, job.first + 1, start=start)
        elif job.change is not None:
            self._branches[job.trial] = _Watched(job.config, job.change.epoch + 1, start=branch.start)

    def _reported(self, event: JobReported, branch: _Watched) -> None:
        for place in range(event.count):
            row = {name: column[place] for name, column in event.rows.items()}
            branch.rows.append({name: value for name, value in row.items() if value is not None})
        if event.count and event.outcome is not Outcome.FAILED:
            self._look(event.trial, branch)

    def _look(self, trial: int, branch: _Watched) -> None:
        metric = _LOSS if _LOSS in branch.rows[0] else self.metric
        if metric == self.metric and self.mode == "max":
            return
        curve = Curve.of(branch.rows, branch.config, metric, branch.first, branch.start)
        branch.start = curve.start
        alarm = alarm_of(curve, branch.told)
        if alarm is not None and alarm.kind not in branch.told:
            branch.told.add(alarm.kind)
            self._new.append((trial, replace(alarm, nudge=self._possible(alarm.nudge, branch.config))))

    def _possible(self, nudge: Mapping[str, object], config: Config) -> dict[str, object]:
        """What of a proposal can be done: a factor needs a value, and a name must be one."""
        return {
            name: value
            for name, value in nudge.items()
            if name in config or (not isinstance(value, str) and name in self.known)
        }
