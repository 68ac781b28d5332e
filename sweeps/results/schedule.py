"""The schedule of a trial's hyperparameters: what the model was trained with, from its first epoch on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from sweeps.errors import BadInput, choices
from sweeps.events import JobsAsked
from sweeps.results.configs import best_config_of
from sweeps.results.result import SweepResult
from sweeps.space import Config
from sweeps.store import LOG, LogReader
from sweeps.trial import Job, Row


class Segment(NamedTuple):
    """A part of a schedule.

    Attributes:
        epoch: The epochs behind the model when it began. config: What it was trained with from then on.
        trial: As which it was trained.
    """

    epoch: int
    config: Config
    trial: int


@dataclass(frozen=True)
class ScheduleReplay:
    """A schedule trained anew.

    Attributes:
        trial: Whose it is. seed: Of this training.
        schedule: With which configs, and from which epoch on, up to the epoch that the objective is from.
        metric: What the sweep compares by. then: The trial's objective in the sweep. now: That of this
            training, by the same rule, over as many epochs; None where it diverged.
        rows: The metrics, epoch by epoch.
    """

    trial: int
    seed: int
    schedule: Sequence[Segment]
    metric: str
    then: float | None
    now: float | None
    rows: Sequence[Row]


def schedule_of(result: SweepResult, trial: int | None = None) -> list[Segment]:
    """With which configs a trial's model was trained, and from which epoch on.

    It goes back through the trials from whose checkpoints it went on, so that it begins at epoch 0. A trial
    of a sweep whose configs stay as they are has one segment.

    Args:
        result: A sweep, or a panda.
        trial: The trial; by default the best one.

    Raises:
        BadInput: There is no such trial.

    Examples:
        ::

            result = sweeps.run("mlp", data="digits", space="mlp", scheduler="pbt", finalists=False)
            for epoch, config, trial in sweeps.schedule_of(result):
                print(epoch, config["learning_rate"])
    """
    trial = number_or_best(result, trial)
    asked = (job for event in LogReader(result.path / LOG).every(JobsAsked) for job in event.jobs)
    return _segments(asked, trial)


def number_or_best(result: SweepResult, trial: int | None) -> int:
    """A trial's number, by default the best one's. Raises `BadInput` where that is none."""
    if trial is not None:
        return trial
    if result.best is None:
        raise BadInput("trial", None, "is missing, and no trial of this sweep is the best", "say which")
    return result.best.trial


def schedule_up_to(result: SweepResult, trial: int, epochs: int) -> list[Segment]:
    """The part of a trial's schedule that its model had after so many epochs; the log is read only where its
    config had changed by its best one."""
    if not has_schedule(result, trial):
        return [Segment(0, best_config_of(result.tables, trial), trial)]
    return [each for each in schedule_of(result, trial) if each.epoch < max(epochs, 1)]


def has_schedule(result: SweepResult, trial: int) -> bool:
    """Whether a trial's model was trained with another config before that of its best epoch."""
    changes, row = result.changes, result.tables.row(trial)
    own = changes[changes["trial"] == trial]
    before = own if pd.isna(row["best_epoch"]) else own[own["epoch"] < row["best_epoch"]]
    return bool(pd.notna(row.get("parent"))) or not before.empty


def _segments(asked: Iterable[Job], trial: int) -> list[Segment]:
    jobs: dict[int, list[Job]] = {}
    for job in asked:
        jobs.setdefault(job.trial, []).append(job)
    if trial not in jobs:
        raise BadInput("trial", trial, "is no trial that this sweep has begun", choices(jobs, trial))
    found: list[Segment] = []
    end: float = float("inf")
    while True:
        found = [Segment(job.start, job.config, trial) for job in jobs[trial] if job.start < end] + found
        parent = jobs[trial][0].parent
        if parent is None:
            return _joined(found)
        trial, end = parent


def _joined(segments: list[Segment]) -> list[Segment]:
    """Without those that go on with the config of the one before."""
    found: list[Segment] = []
    for each in segments:
        if not found or found[-1].config != each.config:
            found.append(each)
    return found
