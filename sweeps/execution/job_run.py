"""One job in training: draws epochs from the trainable, watches them, and keeps what is to be reported."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, TypeAlias

from sweeps.columns import ColumnRows
from sweeps.execution.divergence import has_diverged
from sweeps.execution.trainables.printed import Printed, give_turn
from sweeps.execution.trainables.run import Run
from sweeps.execution.trainables.trainable import Epochs, Trainable, traceback_text
from sweeps.objective import new_objective
from sweeps.space import Config
from sweeps.spec.objective import ObjectiveRule
from sweeps.spec.resources import Resources
from sweeps.trial import Checkpoint, Job, Mode, Outcome, Report, Row, State

NEVER_RESTORES = (
    "the trainable calls run.save but never run.restore(), so promoted trials train from the beginning; "
    "begin with `saved = run.restore()`, and go on from it at epoch run.start"
)


@dataclass(frozen=True)
class Workload:
    """What all jobs of a sweep share.

    Args:
        train: The trainable.
        metric: What trials are compared by. mode: Whether less or more of it is better.
        data: Handed to the trainable as `run.data`.
        device: Where to train.
        epochs: How long a trial may train at most; None for as long as its job says.
        objective: How a trial's epochs make its objective.
        resources: What each worker has.
        by_layer: Whether a network is to report what each of its layers shows.
    """

    train: Trainable
    metric: str
    mode: Mode = "min"
    data: Any = None
    device: str = "cpu"
    epochs: int | None = None
    objective: ObjectiveRule = field(default_factory=ObjectiveRule)
    resources: Resources = Resources()  # noqa: RUF009 - frozen
    by_layer: bool = False


@dataclass
class Habits:
    """What a worker has learned of a sweep's trainable: none of it changes what a trial computes.

    Attributes:
        overruns: It goes on past `run.epochs`, so nothing after its last `yield` is waited for.
        never_restores: It saves but does not restore, so it is not given checkpoints any more.
    """

    overruns: bool = False
    never_restores: bool = False


class Drawn(Protocol):
    """Where a job's epochs come from: see `Epochs`."""

    seconds: float

    def next_row(self) -> Row | None: ...

    def run_out(self) -> bool: ...

    def close(self) -> None: ...


Draw: TypeAlias = Callable[[Config, Run], Drawn]


class Reached(NamedTuple):
    """How far a job is: of which trial, how many epochs are behind that, and how the job stands."""

    trial: int
    epochs: int
    outcome: Outcome


class JobRun:
    """A job's state on the worker. `report` may be called from another thread than `advance`.

    printed: what it has printed so far.
    draw: where its epochs come from each time that it begins; by default, it calls the trainable.
    """

    def __init__(
        self,
        workload: Workload,
        job: Job,
        checkpoint: Checkpoint | None,
        worker: str,
        habits: Habits | None = None,
        draw: Draw | None = None,
    ) -> None:
        self._workload, self._job, self._worker = workload, job, worker
        self._draw = draw or self._call
        self._habits = habits or Habits()
        self._outcome, self._error, self._seconds = Outcome.RUNNING, "", 0.0
        self._started = time.time()
        self._note: str | None = None
        self._first_seconds = self._slowest = 0.0  # of the job's epochs
        self._last_epoch = time.perf_counter()  # when it ended, or the job began
        self._stop_asked, self._stop_why = False, None  # type: bool, str | None
        self.printed = Printed()
        self._rows: list[Row] = []
        self._first = 0  # epochs before the first row
        self._lock = threading.Lock()
        self._begin(None if self._habits.never_restores else checkpoint, job.stop)

    def advance(self) -> bool:
        """Train one epoch; False once the job is over."""
        if self._stop_asked:
            self.stop(self._stop_why)
        if self._outcome is not Outcome.RUNNING:
            return False
        before = give_turn(self.printed)
        try:
            return self._advance()
        finally:
            give_turn(before)

    def _advance(self) -> bool:
        began = time.perf_counter()
        try:
            outcome, error = self._one_epoch(), ""
        except KeyboardInterrupt:
            raise
        except BaseException as raised:  # a Rust panic, CancelledError: whatever it is, the trial has failed
            outcome, error = Outcome.FAILED, traceback_text(raised)
        with self._lock:
            self._outcome, self._error = outcome, error or self._error
            self._clock(time.perf_counter() - began + self._epochs.seconds)
        if outcome is not Outcome.RUNNING:
            self.close()
        return outcome is Outcome.RUNNING

    def start_again(self) -> None:
        """Train alone from here on, from the last checkpoint; what came after it is forgotten."""
        latest = self._latest or self._run._checkpoint
        self._draw = self._call
        self._begin(None if self._habits.never_restores else latest, self._run.epochs)

    def ask_to_stop(self, why: str | None = None) -> None:
        """Have the next `advance` end the job; may be called from another thread."""
        self._stop_why, self._stop_asked = why, True

    def stop(self, why: str | None = None) -> None:
        """End the job here, between two epochs, unless it is over; what it has reported stays."""
        if self._outcome is not Outcome.RUNNING:
            return
        with self._lock:
            self._outcome, self._error = Outcome.STOPPED, why or ""
        self.close()

    def close(self) -> None:
        """Let the trainable's `finally` run. Whatever it raises then is not the trial's failure."""
        before = give_turn(self.printed)
        try:
            self._epochs.close()
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            self._error = self._error or traceback_text(error)
        finally:
            give_turn(before)
            self._run._end()

    def report(self) -> Report:
        """How the job stands; once it is over, all of it."""
        with self._lock:
            over = self._outcome is not Outcome.RUNNING
            return Report(
                trial=self._job.trial,
                epochs=self._first + len(self._rows),
                objective=self._objective.value,
                outcome=self._outcome,
                rows=ColumnRows.of(self._rows),
                seconds=self._seconds,
                worker=self._worker,
                error=self._error or None,
                checkpoint=self._latest if over else None,
                best=self._best if over and self._best is not self._latest else None,
                started=self._started,
                note=self._note,
                first=self._first_seconds,
                slowest=self._slowest,
                silent=time.perf_counter() - self._last_epoch,
                prints=self.printed.told(over),
            )

    @property
    def reached(self) -> Reached:
        """How far it is, at no cost: of its rows, their number alone."""
        with self._lock:
            return Reached(self._job.trial, self._trained, self._outcome)

    @property
    def trial(self) -> int:
        """Whose job it is."""
        return self._job.trial

    @property
    def is_over(self) -> bool:
        """Whether nothing more is trained; all of its report is there."""
        return self._outcome is not Outcome.RUNNING

    def _clock(self, seconds: float) -> None:
        """Note how long an epoch took; the first of a job may have to load and compile."""
        if self._seconds:
            self._slowest = max(self._slowest, seconds)
        else:
            self._first_seconds = seconds
        self._seconds += seconds
        self._last_epoch = time.perf_counter()

    @property
    def _trained(self) -> int:
        """Epochs behind the trial."""
        return self._first + len(self._rows)

    def _begin(self, checkpoint: Checkpoint | None, epochs: int) -> None:
        """Call the trainable, to train from the checkpoint until so many epochs are behind the trial."""
        workload = self._workload
        change, start = self._job.change, 0 if checkpoint is None else checkpoint.epoch
        self._run = Run(
            config=deepcopy(self._job.config),
            before=None if change is None or change.epoch != start else deepcopy(change.before),
            epochs=epochs,
            seed=self._job.seed,
            data=workload.data,
            device=workload.device,
            checkpoint=checkpoint,
            by_layer=workload.by_layer,
        )
        self._epochs = self._draw(self._job.config, self._run)
        with self._lock:
            self._rewind(checkpoint)

    def _call(self, config: Config, run: Run) -> Drawn:
        return Epochs(self._workload.train, config, run, self._workload.metric)

    def _rewind(self, checkpoint: Checkpoint | None) -> None:
        """Forget the epochs after the checkpoint's."""
        kept: Sequence[Row] = self._rows[: max(self._run.start - self._first, 0)]
        self._first = self._run.start - len(kept)
        self._rows = []
        self._values: tuple[float, float] | None = None  # the metric's first and last
        self._latest: Checkpoint | None = None  # to go on from
        self._best: Checkpoint | None = None  # of the epoch that the objective is from
        self._objective = new_objective(self._workload.objective, self._workload.mode)
        for row in kept:
            self._take(row, None)
        self._latest = checkpoint if kept else None

    def _take(self, row: Row, state: State | None) -> None:
        """The next epoch's metrics, and what was saved with them."""
        self._rows.append(row)
        epoch = self._trained
        value = row.get(self._workload.metric)
        if value is not None:
            self._values = (self._values[0] if self._values else value, value)
            self._objective.add(epoch, value)
        if state is not None:
            self._latest = Checkpoint(epoch, state)
        if self._objective.epoch == epoch:
            self._best = self._latest if state is not None else None

    def _one_epoch(self) -> Outcome:
        row = self._epochs.next_row()
        if self._run._ignores_checkpoint and row is not None:
            return self._start_over()
        if row is None:
            return self._ended()
        with self._lock:
            self._take(row, self._run._take_saved())
        if self._diverged(row):
            return Outcome.INFEASIBLE
        if self._trained < self._job.stop:
            return Outcome.RUNNING
        if self._has_metric:
            return self._done()
        return self._train_on() if self._trained >= self._run.epochs else Outcome.RUNNING

    def _start_over(self) -> Outcome:
        """A trainable that does not restore has trained a first epoch just now: count from there."""
        self._note = NEVER_RESTORES
        self._habits.never_restores = True
        self.close()
        self._begin(None, self._run.epochs)
        return Outcome.RUNNING

    def _ended(self) -> Outcome:
        """The trainable has ended: by itself, or because it was told to train no longer."""
        if not self._trained:
            raise ValueError("the trainable ended without reporting an epoch")
        self._keep_late_save()
        return Outcome.ENDED if self._has_metric else self._train_on()

    def _done(self) -> Outcome:
        """The job has reached its last epoch; code after the trainable's last `yield` runs."""
        if self._trained >= self._run.epochs and not self._habits.overruns:
            try:
                self._habits.overruns = not self._epochs.run_out()
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # all epochs are there: the trial keeps its result
                self._error = traceback_text(error)
            if not self._habits.overruns:
                self._keep_late_save()
        return Outcome.DONE

    def _keep_late_save(self) -> None:
        """What was saved after the last `yield` belongs to the last epoch."""
        state = self._run._take_saved()
        if state is not None and self._rows:
            with self._lock:
                self._latest = Checkpoint(self._trained, state)
                if self._objective.epoch == self._trained:
                    self._best = self._latest

    def _train_on(self) -> Outcome:
        """Without the sweep's metric a trial cannot be compared: train on to the first epoch that has it."""
        most = self._workload.epochs or self._job.stop
        if self._trained < self._run.epochs or self._run.epochs >= most:
            names = sorted({name for row in self._rows for name in row})
            raise ValueError(f"the metric {self._workload.metric!r} is not among those reported: {names}")
        latest = None if self._habits.never_restores else self._latest
        self.close()
        self._begin(latest, most)
        return Outcome.RUNNING

    @property
    def _has_metric(self) -> bool:
        """Whether the trial has reported the sweep's metric, in this job or in one before."""
        return self._job.start > 0 or self._objective.value is not None

    def _diverged(self, row: Row) -> bool:
        if self._values is None or self._workload.metric not in row:
            return False
        first, last = self._values
        return has_diverged(last, first, self._workload.mode)
