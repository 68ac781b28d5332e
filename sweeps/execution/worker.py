"""A worker: lives as long as the sweep and trains one job after the other, whatever process it is in."""

from __future__ import annotations

import math
import os
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from sweeps.execution.job_run import Habits, JobRun, Reached, Workload
from sweeps.execution.packing.group import key_of
from sweeps.execution.packing.turns import Turns
from sweeps.execution.threads import limited_threads
from sweeps.execution.trainables.trainable import Trainable, prepare, traceback_text
from sweeps.trial import Checkpoint, Job, Outcome, Report


class Loaded(NamedTuple):
    """That a worker is up.

    Attributes:
        node: The address of its machine.
        error: Why it cannot load the trainable or its data there, "" if it can.
        pid: Its process there.
    """

    node: str
    error: str = ""
    pid: int = 0


class Order(NamedTuple):
    """A job with the number that its pool has given it, since a trial may have several."""

    number: int
    job: Job
    checkpoint: Checkpoint | None


class Batch(NamedTuple):
    """That the jobs of one call are over: the reports of those that were not withdrawn, by number.

    seconds: that all of them took. seats: how many of them may be trained at once, as one pack.
    """

    ended: list[tuple[int, Report]]
    seconds: float
    seats: int = 1


class Standing(NamedTuple):
    """How a worker stands: jobs of its batch that have ended, and the one or those in training, by number."""

    ended: list[tuple[int, Report]]
    running: Sequence[tuple[int, Report]] = ()


class Glance(NamedTuple):
    """The same without what those in training have reported."""

    ended: list[tuple[int, Report]]
    running: Sequence[tuple[int, Reached]] = ()


class Worker:
    """Trains jobs in the order they come; all but `load` and `train` may be called from another thread."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._runs: dict[int, JobRun] = {}  # in training: one, or those of a call that share packs
        self._lock = threading.Lock()
        self._begun = -1  # the number of the job that was begun last
        self._withdrawn: set[int] = set()
        self._ended: list[tuple[int, Report]] = []  # of the batch in training

    def load(
        self, node: str, opened: Callable[[], tuple[Trainable, Any]], rest: Workload, threads: int
    ) -> Loaded:
        """Load the trainable and its data.

        Args:
            node: The address of this machine.
            opened: Gives the trainable and its data.
            rest: What else all jobs share; its trainable and its data are put in here.
            threads: How many threads BLAS and torch may use.
        """
        try:
            train, data = opened()
            prepare(train, rest.device)
        except BaseException as error:  # what a module of the user's does when it is imported
            return Loaded(node, traceback_text(error))
        self._limits = ExitStack()
        self._limits.enter_context(limited_threads(threads))
        self._workload = replace(rest, train=train, data=data)
        self._habits = Habits()
        self._folder = Path.cwd()
        return Loaded(node, pid=os.getpid())

    def train(self, orders: Sequence[Order]) -> Batch:
        """Train jobs to their ends, one after the other; those that were withdrawn are passed over.

        Where the trainable has packs for any of them, they are begun all at once.
        """
        began, self._ended, seats = time.perf_counter(), [], 1
        if any(key_of(self._workload, job, checkpoint) is not None for _, job, checkpoint in orders):
            seats = self._train_together(orders)
        else:
            for number, job, checkpoint in orders:
                report = self._train(number, job, checkpoint)
                if report is not None:
                    self._ended.append((number, report))
        ended, self._ended = self._ended, []  # which may hold large checkpoints
        return Batch(ended, time.perf_counter() - began, seats)

    def _train_together(self, orders: Sequence[Order]) -> int:
        """Train jobs in packs; how many seats the largest has."""
        turns = Turns(self._workload, self._name, self._habits)
        with self._lock:
            begun = [order for order in orders if order.number not in self._withdrawn]
            self._withdrawn.difference_update(order.number for order in orders)
            self._begun = orders[-1].number
            self._runs = {number: turns.submit(job, checkpoint) for number, job, checkpoint in begun}
        try:
            while self._runs:
                over, _ = turns.train(math.inf)
                for number in [number for number, run in self._runs.items() if run in over]:
                    with self._lock:
                        self._ended.append((number, self._runs.pop(number).report()))
        except BaseException as error:  # such as a KeyboardInterrupt, which nobody has sent to the sweep
            runs, self._runs = self._runs, {}
            self._ended += [(number, _failed(run, error)) for number, run in runs.items()]
        return turns.seats

    def _train(self, number: int, job: Job, checkpoint: Checkpoint | None) -> Report | None:
        """Train one job; None where it was withdrawn. What goes wrong in it comes back as data."""
        with self._lock:
            if number in self._withdrawn:
                self._withdrawn.remove(number)
                return None
            self._begun = number
            run = JobRun(self._workload, job, checkpoint, self._name, self._habits)
            self._runs = {number: run}
        try:
            while run.advance():
                pass
            return run.report()
        except BaseException as error:  # such as a KeyboardInterrupt, which nobody has sent to the sweep
            return _failed(run, error)
        finally:
            self._runs = {}
            with suppress(OSError):  # the next job begins where this one did
                os.chdir(self._folder)

    def withdraw(self, numbers: Sequence[int]) -> list[int]:
        """Pass jobs over when their turn comes; returns those whose turn had not come already."""
        with self._lock:
            waiting = [number for number in numbers if number > self._begun]
            self._withdrawn.update(waiting)
            return waiting

    def stop(self, number: int, why: str | None) -> None:
        """End the job at its next epoch, if it is in training."""
        with self._lock:
            run = self._runs.get(number)
            if run is not None:
                run.ask_to_stop(why)

    def progress(self, after: int) -> Standing:
        """How the batch in training stands.

        A job that ends between two lines here is told of the next time, or with its batch.

        Args:
            after: The pool has heard of the ends of all jobs up to this number.
        """
        reports = [(number, run.report()) for number, run in self._in_training()]
        ended = [each for each in self._ended if each[0] > after]
        return Standing(ended, [each for each in reports if each[1].outcome is Outcome.RUNNING])

    def glance(self) -> Glance:
        """The same of all jobs of the batch, at a cost that their epochs have no part in."""
        reached = [(number, run.reached) for number, run in self._in_training()]
        return Glance([*self._ended], [each for each in reached if each[1].outcome is Outcome.RUNNING])

    def _in_training(self) -> list[tuple[int, JobRun]]:
        with self._lock:  # no job begins meanwhile
            return list(self._runs.items())


def _failed(run: JobRun, error: BaseException) -> Report:
    return replace(run.report(), outcome=Outcome.FAILED, objective=None, error=traceback_text(error))
