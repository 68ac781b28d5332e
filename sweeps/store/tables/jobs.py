"""The rows of two tables: of jobs that have ended, which are a sweep's timeline, and of changed configs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

from sweeps.space import Config, Value, as_stored
from sweeps.trial import Job


class JobRow(NamedTuple):
    """What the table says of one job; see `jobs_schema`."""

    trial: int
    start: int
    stop: int
    asked: float
    started: float | None
    ended: float
    seconds: float
    worker: str
    outcome: str


class ChangeRow(NamedTuple):
    """What the table says of one hyperparameter that was changed; see `changes_schema`."""

    trial: int
    epoch: int
    time: float
    hyperparameter: str | None
    before: str | None
    after: str | None
    author: str
    reason: str


def change_rows(job: Job, time: float) -> Iterator[ChangeRow]:
    """The rows of a job that begins with another config than its checkpoint's, or from another trial's."""
    change = job.change
    if change is None:
        return
    names: list[str | None] = [
        name for name in {**change.before, **job.config} if _differs(name, change.before, job.config)
    ]
    begins = job.parent is not None and job.start == job.first
    for name in names or ([None] if begins else []):
        values = (_text(name, change.before), _text(name, job.config))
        yield ChangeRow(job.trial, change.epoch, time, name, *values, change.author, change.reason)


def _differs(name: str, before: Config, after: Config) -> bool:
    return (name in before) != (name in after) or before.get(name) != after.get(name)


def _text(name: str | None, config: Config) -> str | None:
    if name is None or name not in config:
        return None
    value: Value = as_stored(config[name])
    return json.dumps(value, ensure_ascii=False)
