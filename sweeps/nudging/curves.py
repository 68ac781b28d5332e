"""The branches of a model that a person babysits: their curves of the metric, and what was changed where."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from sweeps.events import Event, JobReported, JobsAsked, Nudged
from sweeps.nudges import GO_ON, KEEP, PAUSE, ROLL_BACK, Nudge
from sweeps.nudging.values import described
from sweeps.results import SweepResult
from sweeps.trial import Job, Status


@dataclass(frozen=True)
class Intervention:
    """What a person, or an algorithm, has decided, and where.

    Attributes:
        trial: The branch. epoch: The epochs behind it then. what: In words.
        author, reason: Whose it was, and why.
    """

    trial: int
    epoch: int
    what: str
    author: str = ""
    reason: str = ""


@dataclass
class Branches:
    """All that is drawn of them, fed with the events of a log.

    Attributes:
        metric: Whose curves these are.
        values: Of it, by branch and epoch. parents: The trial and the epoch that a branch began from.
        interventions: In order.
        paused, left: The branches that a person had wait, and those given up for another one.
    """

    metric: str
    values: dict[int, dict[int, float]] = field(default_factory=dict)
    parents: dict[int, tuple[int, int]] = field(default_factory=dict)
    interventions: list[Intervention] = field(default_factory=list)
    paused: set[int] = field(default_factory=set)
    left: set[int] = field(default_factory=set)
    _begun: set[int] = field(default_factory=set)

    def take(self, event: Event) -> None:
        """The next event."""
        if isinstance(event, JobsAsked):
            for job in event.jobs:
                self._asked(job)
        elif isinstance(event, JobReported):
            self._reported(event)
        elif isinstance(event, Nudged):
            self._nudged(event.nudge)

    def status(self, trial: int, status: Status) -> Status:
        """How a branch stands; status: as its trial's row has it."""
        return standing(status, paused=trial in self.paused, left=trial in self.left)

    def curve(self, trial: int) -> dict[int, float]:
        """By epoch, those of the branches that it began from before its own."""
        own = self.values.get(trial, {})
        if trial not in self.parents:
            return own
        parent, last = self.parents[trial]
        return {**{epoch: value for epoch, value in self.curve(parent).items() if epoch <= last}, **own}

    def marks(self, trial: int) -> list[Intervention]:
        """What was changed on the way of a branch, its parents' included, by epoch."""
        own = [each for each in self.interventions if each.trial == trial]
        if trial not in self.parents:
            return own
        parent, last = self.parents[trial]
        return [each for each in self.marks(parent) if each.epoch < last] + own

    def effect(self, found: Intervention, epochs: int = 3) -> tuple[float, float] | None:
        """The metric at an intervention, and some epochs later, as far as they are known."""
        curve = self.curve(found.trial)
        later = [curve[epoch] for epoch in range(found.epoch + 1, found.epoch + epochs + 1) if epoch in curve]
        return (curve[found.epoch], later[-1]) if later and found.epoch in curve else None

    def _nudged(self, nudge: Nudge) -> None:
        those = self._begun if nudge.branch is None else {nudge.branch}
        if nudge.what == PAUSE:
            self.paused |= those
        elif nudge.what == GO_ON:
            self.paused -= those
            self.left -= set() if nudge.branch is None else those
        elif nudge.what == KEEP:
            self.left = self._begun - those
        elif nudge.what == ROLL_BACK:
            self.left |= those

    def _asked(self, job: Job) -> None:
        self._begun.add(job.trial)
        begins = job.parent is not None and job.trial not in self.parents
        if job.parent is not None:
            self.parents[job.trial] = job.parent
        if job.change is None:
            return
        what = described(job.change.before, job.config)
        if begins and job.parent is not None:
            what = f"from branch {job.parent[0]}" + (f", {what}" if what else "")
        mark = Intervention(job.trial, job.change.epoch, what, job.change.author, job.change.reason)
        if mark not in self.interventions:
            self.interventions.append(mark)

    def _reported(self, event: JobReported) -> None:
        own = self.values.setdefault(event.trial, {})
        for epoch, value in enumerate(event.rows.get(self.metric, ()), event.epochs - event.count + 1):
            if value is not None:
                own[epoch] = value


def standing(status: Status, *, paused: bool, left: bool) -> Status:
    """The status of a branch: between two jobs it is in training, unless a person has decided otherwise."""
    if status is not Status.PAUSED:
        return status
    return Status.STOPPED if left else Status.PAUSED if paused else Status.RUNNING


def branches_of(result: SweepResult) -> Branches:
    """The same of a run's tables."""
    found = Branches(result.spec["metric"])
    trials = result.trials
    trials = (
        trials[trials["parent"].notna()]
        if "parent" in trials
        else trials[:0].assign(parent=0, parent_epoch=0)
    )
    for trial, parent, epoch in zip(trials["trial"], trials["parent"], trials["parent_epoch"], strict=True):
        found.parents[int(trial)] = (int(parent), int(epoch))
    rows = result.metrics
    known = rows[rows[found.metric].notna()] if found.metric in rows else rows[:0]
    for trial, own in known.groupby("trial"):
        found.values[int(str(trial))] = dict(
            zip(own["epoch"].tolist(), own[found.metric].tolist(), strict=True)
        )
    for (trial, epoch), changes in result.changes.groupby(["trial", "epoch"], sort=False):
        found.interventions.append(_of_rows(found, int(str(trial)), int(str(epoch)), changes))
    return found


def _of_rows(found: Branches, trial: int, epoch: int, changes: pd.DataFrame) -> Intervention:
    said = [
        f"{row['hyperparameter']} {_shown(row['before'])} → {_shown(row['after'])}"
        for row in changes[changes["hyperparameter"].notna()].to_dict("records")
    ]
    if found.parents.get(trial, (0, -1))[1] == epoch:
        said.insert(0, f"from branch {found.parents[trial][0]}")
    first = changes.iloc[0]
    return Intervention(trial, epoch, ", ".join(said), str(first["author"]), str(first["reason"]))


def _shown(value: str | None) -> str:
    return "default" if value is None or value != value else value
