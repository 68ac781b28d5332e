"""One model trained by a schedule: each config from its epoch on, from the checkpoint of the one before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import pairwise

from sweeps.execution import SerialExecutor, Workload
from sweeps.results.schedule import Segment
from sweeps.trial import Change, Checkpoint, Job, Outcome, Report

_POLL_SECONDS = 0.2


def trained_by_schedule(
    workload: Workload, schedule: Sequence[Segment], epochs: int, seed: int
) -> Iterator[Report]:
    """The reports of one job a segment, those of jobs in training among them.

    The last report is that of the end: DONE after so many epochs, or what has ended it before.
    """
    ends = [each.epoch for each in schedule[1:]] + [epochs]
    changes = [None, *(Change(now.epoch, before.config) for before, now in pairwise(schedule))]
    checkpoint: Checkpoint | None = None
    with closing(SerialExecutor(workload)) as executor:
        for each, end, change in zip(schedule, ends, changes, strict=True):
            executor.submit(Job(0, each.config, end, each.epoch, seed=seed, change=change), checkpoint)
            report = None
            while report is None or report.outcome is Outcome.RUNNING:
                for report in executor.poll(_POLL_SECONDS):
                    yield report
            if report.outcome is not Outcome.DONE:
                return
            checkpoint = report.checkpoint
