"""Watches the branches of a model in training for alarms, each told once until something is changed."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from sweeps.events import Event, JobReported, JobsAsked
from sweeps.nudging.alarms import Alarm, Curve, alarm_of
from sweeps.nudging.alarms.columns import Columns
from sweeps.space import Config
from sweeps.trial import Job, Mode, Outcome

_LOSS = "val_loss"  # by which alarms go, where it is reported


@dataclass
class _Watched:
    """A branch: its config, its epochs since something was changed, and the first training loss of all."""

    config: Config
    first: int = 1
    rows: Columns = field(default_factory=Columns)
    start: float | None = None
    told: set[str] = field(default_factory=set)
    given_up: float = math.inf


@dataclass
class AlarmWatch:
    """Takes the events of a run, and gives the alarms that came since it was asked last.

    Args:
        metric, mode: What the run is compared by. Alarms go by the validation loss where it is reported, else
            by the metric, if that is to become smaller.
        known: The hyperparameters that may be set, of which nudges are proposed; empty where nobody says.
        epochs: How long a branch trains. most: How many epochs all branches may train together, if not any.
    """

    metric: str
    mode: Mode
    known: Collection[str] = ()
    epochs: int = 0
    most: int | None = None
    _spent: int = 0
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
            branch = _Watched(job.config, job.first + 1, start=math.nan if job.start else None)
            if parent is not None:
                branch.start, branch.given_up = parent.start, parent.given_up
        elif job.change is not None:
            first = job.change.epoch + 1
            branch = _Watched(job.config, first, start=branch.start, given_up=branch.given_up)
        if job.change is not None:
            branch.given_up = min(branch.given_up, _lowered(job.change.before, job.config))
        self._branches[job.trial] = branch

    def _reported(self, event: JobReported, branch: _Watched) -> None:
        self._spent += event.count
        for place in range(event.count):
            branch.rows.add({name: column[place] for name, column in event.rows.items()})
        if event.count and event.outcome is not Outcome.FAILED:
            self._look(event.trial, branch)

    def _look(self, trial: int, branch: _Watched) -> None:
        metric = _LOSS if _LOSS in branch.rows else self.metric
        if metric == self.metric and self.mode == "max":
            return
        curve = Curve.of(branch.rows, branch.config, metric, branch.first, branch.start)
        branch.start = curve.start
        left, promised = self._promised(curve.epoch)
        curve = replace(curve, given_up=branch.given_up, left=left, promised=promised)
        alarm = alarm_of(curve, branch.told)
        if alarm is not None and alarm.kind not in branch.told:
            branch.told.add(alarm.kind)
            self._new.append((trial, replace(alarm, nudge=self._possible(alarm.nudge, branch.config))))

    def _promised(self, epoch: int) -> tuple[int, int]:
        """How many of the promised epochs are left, and how many there are."""
        if self.most is None:
            return self.epochs - epoch, self.epochs
        return min(self.epochs - epoch, self.most - self._spent), min(self.epochs, self.most)

    def _possible(self, nudge: Mapping[str, object], config: Config) -> dict[str, object]:
        """What of a proposal can be done: a factor needs a value, and a name must be one."""
        return {
            name: value
            for name, value in nudge.items()
            if name in config or (not isinstance(value, str) and name in self.known)
        }


def _lowered(before: Config, now: Config) -> float:
    """The learning rate that was too large, as somebody found who lowered it."""
    was, rate = before.get("learning_rate"), now.get("learning_rate")
    if isinstance(was, int | float) and isinstance(rate, int | float) and was > rate:
        return float(was)
    return math.inf
