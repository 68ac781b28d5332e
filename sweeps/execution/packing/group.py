"""Jobs that are trained together in this process: those of a pack, or one alone."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Hashable
from copy import deepcopy
from itertools import count
from pathlib import Path
from typing import Protocol

from sweeps.execution.job_run import Drawn, Habits, JobRun, Workload
from sweeps.execution.packing.seat import SeatEpochs
from sweeps.execution.trainables.pack import Pack, Packing, packs
from sweeps.execution.trainables.printed import PrintedTogether, give_turn
from sweeps.execution.trainables.run import Run
from sweeps.execution.trainables.seeding import seed_globals
from sweeps.space import Config
from sweeps.trial import Checkpoint, Job


class Group(Protocol):
    """Jobs in training, or waiting for it. folder: where their code is, None before its first epoch.

    has_turns: whether other groups may train between two of its epochs.
    """

    folder: Path | None
    has_turns: bool

    @property
    def seats(self) -> int:
        """How many jobs it trains at once."""

    @property
    def runs(self) -> list[JobRun]:
        """All that are not reported to be over."""

    def train(self, deadline: float) -> list[JobRun]:
        """Train an epoch, and on to the deadline, by `time.monotonic`, or until any is over.

        Those that are over leave, and are returned.
        """


class Alone:
    """A `Group` of one job."""

    seats, has_turns = 1, False

    def __init__(self, run: JobRun) -> None:
        self.runs, self.folder = [run], None  # type: list[JobRun], Path | None

    def train(self, deadline: float) -> list[JobRun]:
        goes_on = self.runs[0].advance()
        while goes_on and time.monotonic() < deadline:
            goes_on = self.runs[0].advance()
        return [] if goes_on else [self.runs.pop()]


class Together:
    """A `Group` of the jobs of one key, which share a pack. A job takes a seat as soon as one is free.

    When the pack raises, nobody knows which of its jobs it was: each goes on alone, from its last checkpoint,
    and those that come later open another pack.
    """

    has_turns = True

    def __init__(self, train: Packing, metric: str) -> None:
        self._train, self._metric = train, metric
        self._pack: Pack | None = None
        self._seated: dict[int, tuple[JobRun, _Seat]] = {}
        self._waiting: deque[tuple[JobRun, _Seat]] = deque()
        self._apart: deque[JobRun] = deque()
        self.folder: Path | None = None

    @property
    def seats(self) -> int:
        return max(self._pack.seats, 1) if self._pack is not None else 1

    @property
    def runs(self) -> list[JobRun]:
        return [run for run, _ in (*self._seated.values(), *self._waiting)] + list(self._apart)

    def join(
        self, workload: Workload, job: Job, checkpoint: Checkpoint | None, worker: str, habits: Habits
    ) -> JobRun:
        """Take a job of the group's key in."""
        seat = _Seat(self._metric)
        run = JobRun(workload, job, checkpoint, worker, habits, seat.draw)
        self._waiting.append((run, seat))
        return run

    def train(self, deadline: float) -> list[JobRun]:
        over = self._leave_those_over()  # by `stop`
        while not over:
            if self._apart:
                self._apart[0].advance()
            else:
                self._one_epoch()
            over = self._leave_those_over()
            if time.monotonic() >= deadline:
                break
        return over

    def _one_epoch(self) -> None:
        """Of all that have a seat."""
        self._seat()
        began = time.perf_counter()
        inside = [(run, seat) for run, seat in self._seated.values() if seat.epochs.is_in]
        trained = [seat for _, seat in inside]
        before = give_turn(
            PrintedTogether([run.printed for run, _ in inside], [run.trial for run, _ in inside])
        )
        try:
            given = self._pack.epoch() if self._pack is not None and trained else {}
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            self._pack = None
            self._take_apart(trained, error)
            return
        finally:
            give_turn(before)
        for seat in trained:
            seat.epochs.give(given, time.perf_counter() - began)
        for run, _ in self._seated.values():
            run.advance()

    def _seat(self) -> None:
        """Let jobs take seats: those that wait, and those in a seat that begin anew."""
        for number, (run, seat) in self._seated.items():
            self._enter_as(run, number, seat)
        free = (number for number in count() if number not in self._seated)
        while self._waiting and (not self._seated or len(self._seated) < self.seats):
            number = next(free)
            self._seated[number] = self._waiting.popleft()
            self._enter_as(self._seated[number][0], number, self._seated[number][1])

    def _enter_as(self, run: JobRun, number: int, seat: _Seat) -> None:
        before = give_turn(run.printed)
        try:
            self._enter(number, seat)
        finally:
            give_turn(before)

    def _enter(self, number: int, seat: _Seat) -> None:
        epochs = seat.epochs
        if not epochs.waits:
            return
        try:
            if self._pack is None:
                seed_globals(epochs.run.seed, epochs.run.start)
                self._pack = self._train.pack(deepcopy(epochs.config), epochs.run)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            epochs.fail(error)
        else:
            epochs.enter(self._pack, number)

    def _take_apart(self, trained: list[_Seat], error: BaseException) -> None:
        """Whoever was alone in the pack has raised; of several, each is tried alone."""
        for seat in trained:
            seat.epochs.fail(error)
        for number, (run, seat) in list(self._seated.items()):
            if len(trained) == 1 or seat not in trained:
                run.advance()
            else:
                run.start_again()
                self._apart.append(run)
                del self._seated[number]

    def _leave_those_over(self) -> list[JobRun]:
        over = [run for run in self.runs if run.is_over]
        if over:
            self._seated = {number: each for number, each in self._seated.items() if not each[0].is_over}
            self._waiting = deque(each for each in self._waiting if not each[0].is_over)
            self._apart = deque(run for run in self._apart if not run.is_over)
        return over


class _Seat:
    """What a job in a pack draws its epochs from; it may begin more than once."""

    def __init__(self, metric: str) -> None:
        self._metric = metric
        self.epochs: SeatEpochs

    def draw(self, config: Config, run: Run) -> Drawn:
        self.epochs = SeatEpochs(config, run, self._metric)
        return self.epochs


def key_of(workload: Workload, job: Job, checkpoint: Checkpoint | None) -> Hashable | None:
    """What jobs have in common that may share a pack; None for one that is trained alone.

    A config that the trainable cannot make a key of is trained alone, where it raises what there is to raise.
    """
    if not packs(workload.train):
        return None
    run = Run(
        epochs=job.stop, seed=job.seed, data=workload.data, device=workload.device, checkpoint=checkpoint
    )
    try:
        return workload.train.pack_key(deepcopy(job.config), run)
    except Exception:
        return None
