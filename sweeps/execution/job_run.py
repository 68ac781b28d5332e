"""One job in training: draws the epochs from the trainable, and watches over what they report."""

from __future__ import annotations

import math
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from sweeps.execution.trainable import Metrics, Run, Trainable, has_epochs
from sweeps.trial import Job, Mode, Outcome, Report, Row, State

_BLOW_UP = 1e6  # a loss that has grown by this factor since the job's first epoch will not come back
_HUGE = 1e30  # near the end of float32
DIVERGED = (  # the same in words
    "the metric is NaN, infinite or beyond 1e30, or a loss has grown a million times since its first epoch"
)
RESERVED = ("trial", "epoch")


@dataclass(frozen=True)
class Workload:
    """What all jobs of a sweep share: the trainable, its data, and the metric to compare by."""

    train: Trainable
    metric: str
    mode: Mode = "min"
    data: Any = None
    device: str = "cpu"


class JobRun:
    """A job's state on the worker. `report` may be called from another thread than `advance`."""

    def __init__(self, workload: Workload, job: Job, checkpoint: State | None, worker: str) -> None:
        self._workload, self._job, self._worker = workload, job, worker
        self._run = Run(
            seed=job.seed,
            start=job.start if checkpoint is not None else 0,
            epochs=job.stop,
            data=workload.data,
            device=workload.device,
            checkpoint=checkpoint,
        )
        self._epochs: Iterator[Metrics] | None = None
        self._rows: list[Row] = []
        self._outcome, self._error = Outcome.RUNNING, ""
        self._seconds = 0.0
        self._lock = threading.Lock()

    def advance(self) -> bool:
        """Train one epoch; False once the job is over."""
        began = time.perf_counter()
        row, outcome, error = self._one_epoch()
        with self._lock:
            self._rows += [] if row is None else [row]
            self._outcome, self._error = outcome, error
            self._seconds += time.perf_counter() - began
        if outcome is not Outcome.RUNNING:
            self.close()
        return outcome is Outcome.RUNNING

    def stop(self) -> None:
        """End the job here; what it has reported stays."""
        with self._lock:
            self._outcome = Outcome.STOPPED
        self.close()

    def close(self) -> None:
        """Let the trainable's `finally` run. Whatever it raises then is not the trial's failure."""
        if self._epochs is not None and hasattr(self._epochs, "close"):
            try:
                self._epochs.close()
            except (Exception, SystemExit) as error:
                self._error = self._error or _explain(error)

    def report(self) -> Report:
        """How the job stands; once it is over, all of it."""
        with self._lock:
            rows, outcome, error, seconds = list(self._rows), self._outcome, self._error, self._seconds
        return Report(
            trial=self._job.trial,
            epochs=self._run.start + len(rows),
            objective=self._best(rows),
            outcome=outcome,
            rows=rows,
            seconds=seconds,
            worker=self._worker,
            error=error or None,
            checkpoint=self._run.saved if outcome is Outcome.DONE else None,
        )

    def _one_epoch(self) -> tuple[Row | None, Outcome, str]:
        try:
            reported = self._next()
            if reported is None:
                return None, Outcome.ENDED if self._trained else Outcome.FAILED, self._no_rows()
            row = _as_row(reported, self._workload.metric)
        except (Exception, SystemExit) as error:
            return None, Outcome.FAILED, _explain(error)
        self._run.next_epoch()
        outcome = self._judge(row)
        if outcome is Outcome.DONE and self._run.start == 0 and not self._values([*self._rows, row]):
            return (
                row,
                Outcome.FAILED,
                f"the metric {self._workload.metric!r} is not among those reported: {list(row)}",
            )
        return row, outcome, ""

    def _next(self) -> Metrics | float | None:
        if self._epochs is not None:
            return next(self._epochs, None)
        given = self._workload.train(deepcopy(self._job.config), self._run)  # which may take it apart
        if isinstance(given, Iterator):
            if not has_epochs(self._workload.train):
                raise TypeError(
                    "the trainable returns a generator: write it as one, with `yield from` in its own body"
                )
            self._epochs = given
            return next(self._epochs, None)
        self._epochs = iter(())
        return given

    def _judge(self, row: Row) -> Outcome:
        for objective in self._values([row]):
            if not math.isfinite(objective) or abs(objective) > _HUGE or self._has_blown_up(objective):
                return Outcome.INFEASIBLE
        return Outcome.DONE if self._run.start + len(self._rows) + 1 >= self._run.epochs else Outcome.RUNNING

    def _has_blown_up(self, objective: float) -> bool:
        first = self._values(self._rows)[:1]
        return self._workload.mode == "min" and any(objective > _BLOW_UP * max(1.0, abs(f)) for f in first)

    def _values(self, rows: list[Row]) -> list[float]:
        """The sweep's metric in the rows that have it; a trainable may validate every few epochs only."""
        return [row[self._workload.metric] for row in rows if self._workload.metric in row]

    def _best(self, rows: list[Row]) -> float | None:
        finite = [value for value in self._values(rows) if math.isfinite(value)]
        if not finite:
            return None
        return min(finite) if self._workload.mode == "min" else max(finite)

    @property
    def _trained(self) -> bool:
        """Whether there are epochs behind the trial, of this job or of one before."""
        return bool(self._rows) or self._run.start > 0

    def _no_rows(self) -> str:
        return "" if self._trained else "the trainable ended without reporting an epoch"


def _as_row(reported: Metrics | float, metric: str) -> Row:
    """One epoch's metrics as plain floats; a bare number is the sweep's metric."""
    if not isinstance(reported, Mapping):
        reported = {metric: reported}
    for name in reported:
        if not isinstance(name, str) or name in RESERVED:
            raise ValueError(f"{name!r} cannot name a metric: it must be text, and not one of {RESERVED}")
    return {name: _as_float(name, value) for name, value in reported.items()}


def _as_float(name: str, value: Any) -> float:
    try:
        return float(value.item() if hasattr(value, "item") else value)
    except (TypeError, ValueError, RuntimeError):
        raise TypeError(
            f"the metric {name!r} must be a number, not {type(value).__name__}: {value!r}"
        ) from None


def _explain(error: BaseException) -> str:
    """The traceback from the user's own frame on."""
    frames = error.__traceback__
    while (
        frames is not None and frames.tb_frame.f_code.co_filename == __file__ and frames.tb_next is not None
    ):
        frames = frames.tb_next
    text = "".join(traceback.format_exception(type(error), error, frames)).rstrip()
    return text.encode("utf-8", "backslashreplace").decode()  # a table holds valid text alone
