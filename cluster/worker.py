"""The worker: a Ray actor that lives as long as the sweep and trains one job after the other."""

from __future__ import annotations

import math
import os
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import ray

from cluster.shipping import Shared, open_shipped
from sweeps.execution import (
    Habits,
    JobRun,
    Turns,
    Workload,
    key_of,
    limited_threads,
    prepare,
    traceback_text,
)
from sweeps.interrupt import reset_in_children
from sweeps.trial import Checkpoint, Job, Outcome, Report

CONCURRENCY_GROUPS = {"watch": 1}
_RAYS = (
    "RAY_",
    "CUDA_VISIBLE_DEVICES",
    "HIP_VISIBLE_DEVICES",
    "ROCR_VISIBLE_DEVICES",
    "OMP_NUM_THREADS",
    "PYTHONPATH",
)


@dataclass(frozen=True)
class Loaded:
    """That a worker is up.

    Attributes:
        node: The address of its machine.
        error: Why it cannot load the trainable or its data there, "" if it can.
        pid: Its process there.
    """

    node: str
    error: str = ""
    pid: int = 0


@dataclass(frozen=True)
class Surroundings:
    """The folder and the variables of the process that a sweep runs in.

    A Ray that was started by that process has them; one that was there before gives its workers its own.
    """

    folder: str
    variables: Mapping[str, str]

    @classmethod
    def here(cls) -> Surroundings:
        """This process's, without what Ray gives each worker itself."""
        own = {name: value for name, value in os.environ.items() if not name.startswith(_RAYS)}
        return cls(str(Path.cwd()), own)

    def enter(self) -> None:
        """Let this process have them."""
        os.environ.update(self.variables)
        os.chdir(self.folder)


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


class Worker:
    """Trains jobs in the order they come; all else answers from a thread of its own meanwhile."""

    _name = "worker"  # Ray asks for the repr of a worker that could not be built, too

    def __init__(self, name: str) -> None:
        self._name = name
        self._runs: dict[int, JobRun] = {}  # in training: one, or those of a call that share packs
        self._lock = threading.Lock()
        self._begun = -1  # the number of the job that was begun last
        self._withdrawn: set[int] = set()
        self._ended: list[tuple[int, Report]] = []  # of the batch in training
        reset_in_children({signal.SIGTERM: signal.SIG_DFL})  # Ray's own handler is for its worker alone

    def __repr__(self) -> str:
        return f"caviar-{self._name}"

    def load(
        self, shared: Shared, rest: Workload, threads: int, surroundings: Surroundings | None = None
    ) -> Loaded:
        """Load the trainable and its data; workers of one node share the data's arrays without a copy.

        Args:
            shared: What `ship` gave.
            rest: What else all jobs share; its trainable and its data are put in here.
            threads: How many threads BLAS and torch may use.
            surroundings: Where the process is to find itself; None to leave it where it is.
        """
        node = ray.util.get_node_ip_address()  # type: ignore[no-untyped-call]
        try:
            if surroundings is not None:
                surroundings.enter()
            train, data = open_shipped(shared)
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
        except BaseException as error:  # Ray would take a KeyboardInterrupt for its own
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
        except BaseException as error:  # Ray would take a KeyboardInterrupt for its own
            return _failed(run, error)
        finally:
            self._runs = {}
            with suppress(OSError):  # the next job begins where this one did
                os.chdir(self._folder)

    @ray.method(concurrency_group="watch")
    def withdraw(self, numbers: Sequence[int]) -> list[int]:
        """Pass jobs over when their turn comes; returns those whose turn had not come already."""
        with self._lock:
            waiting = [number for number in numbers if number > self._begun]
            self._withdrawn.update(waiting)
            return waiting

    @ray.method(concurrency_group="watch")
    def stop(self, number: int, why: str | None) -> None:
        """End the job at its next epoch, if it is in training."""
        with self._lock:
            run = self._runs.get(number)
            if run is not None:
                run.ask_to_stop(why)

    @ray.method(concurrency_group="watch")
    def progress(self, after: int) -> Standing:
        """How the batch in training stands.

        A job that ends between two lines here is told of the next time, or with its batch.

        Args:
            after: The pool has heard of the ends of all jobs up to this number.
        """
        with self._lock:  # no job begins meanwhile
            runs = list(self._runs.items())
        reports = [(number, run.report()) for number, run in runs]
        ended = [each for each in self._ended if each[0] > after]
        return Standing(ended, [each for each in reports if each[1].outcome is Outcome.RUNNING])


def _failed(run: JobRun, error: BaseException) -> Report:
    return replace(run.report(), outcome=Outcome.FAILED, objective=None, error=traceback_text(error))
