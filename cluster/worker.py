"""The worker: a Ray actor that lives as long as the sweep and trains one job after the other."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import ray
from threadpoolctl import threadpool_limits

from cluster.shipping import Shared, open_shipped
from sweeps.execution import Habits, JobRun, Workload, prepare, traceback_text
from sweeps.interrupt import reset_in_children
from sweeps.trial import Checkpoint, Job, Outcome, Report

CONCURRENCY_GROUPS = {"watch": 1}


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


class Worker:
    """Trains jobs in the order they come; all else answers from a thread of its own meanwhile.

    Jobs come with a number each, which their pool counts, since a trial may have several.
    """

    _name = "worker"  # Ray asks for the repr of a worker that could not be built, too

    def __init__(self, name: str) -> None:
        self._name = name
        self._run: JobRun | None = None
        self._lock = threading.Lock()
        self._begun = -1  # the number of the job that was begun last
        self._withdrawn: set[int] = set()
        reset_in_children({signal.SIGTERM: signal.SIG_DFL})  # Ray's own handler is for its worker alone

    def __repr__(self) -> str:
        return f"caviar-{self._name}"

    def load(self, shared: Shared, rest: Workload, threads: int) -> Loaded:
        """Load the trainable and its data; workers of one node share the data's arrays without a copy.

        Args:
            shared: What `ship` gave.
            rest: What else all jobs share; its trainable and its data are put in here.
            threads: How many threads BLAS may use.
        """
        node = ray.util.get_node_ip_address()  # type: ignore[no-untyped-call]
        try:
            train, data = open_shipped(shared)
            prepare(train, rest.device)
        except BaseException as error:  # what a module of the user's does when it is imported
            return Loaded(node, traceback_text(error))
        self._limits = threadpool_limits(limits=threads)
        self._workload = replace(rest, train=train, data=data)
        self._habits = Habits()
        self._folder = Path.cwd()
        return Loaded(node, pid=os.getpid())

    def train(self, number: int, job: Job, checkpoint: Checkpoint | None) -> Report | None:
        """Train the job to its end; None where it was withdrawn. What goes wrong in it comes back as data."""
        with self._lock:
            if number in self._withdrawn:
                self._withdrawn.remove(number)
                return None
            self._begun = number
            self._run = run = JobRun(self._workload, job, checkpoint, self._name, self._habits)
        try:
            while run.advance():
                pass
            return run.report()
        except BaseException as error:  # Ray would take a KeyboardInterrupt for its own
            return replace(run.report(), outcome=Outcome.FAILED, objective=None, error=traceback_text(error))
        finally:
            self._run = None
            with suppress(OSError):  # the next job begins where this one did
                os.chdir(self._folder)

    @ray.method(concurrency_group="watch")
    def withdraw(self, number: int) -> bool:
        """Pass the job over when its turn comes; False where it has come already."""
        with self._lock:
            if number <= self._begun:
                return False
            self._withdrawn.add(number)
            return True

    @ray.method(concurrency_group="watch")
    def stop(self, number: int, why: str | None) -> None:
        """End the job at its next epoch, if it is in training."""
        with self._lock:
            if self._run is not None and number == self._begun:
                self._run.ask_to_stop(why)

    @ray.method(concurrency_group="watch")
    def progress(self) -> Report | None:
        """How the job in training stands, None between two jobs.

        A job that ends between the two lines here is told of once, by `train`.
        """
        run = self._run
        report = run.report() if run is not None else None
        return report if report is not None and report.outcome is Outcome.RUNNING else None
