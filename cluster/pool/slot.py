"""A worker's slot in the pool: stays when the actor in it dies and another takes its place."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count, islice
from typing import TypeAlias

from cluster.pool.assignment import Assignment, Stop
from cluster.workers.actor import Actor
from cluster.workers.answers import Ref
from sweeps.execution.process import Answer
from sweeps.execution.worker import Order
from sweeps.trial import Report

CALLS_A_WORKER = 2  # one in training and one waiting, so that no worker idles while the loop decides …
LONG_SECONDS = 1.0  # … unless jobs are longer than this: then another worker may be free sooner
_OVERDUE_SECONDS = 0.15  # after so long without a word of it, a call with several jobs is asked after

StartWorker: TypeAlias = Callable[[str, int], tuple[Actor, Ref]]

_numbers = count()  # of jobs as they are handed out, over all slots


@dataclass
class Heir:
    """A worker that takes a slot over once it is up.

    Attributes:
        actor: What it is called by.
        loading: The reference to what comes once it has loaded; None after that.
        pid: Its process.
    """

    actor: Actor
    loading: Ref | None
    pid: int = 0


@dataclass
class WorkerSlot:
    """One worker at a time, and the jobs it holds in the order it will train them.

    Several short jobs go in one call. Which of them is in training is known once all others of the call have
    been heard of, or the worker was asked.

    Attributes:
        name: What the tables call its worker, such as "worker-03".
        start_worker: Starts the slot's n-th worker, given the slot's name and n; returns the actor, and a
            reference to what comes once it has loaded the trainable.
        held: The jobs by their numbers, which rise.
        calls: The numbers that were handed out together, by the reference to the answer.
        failed_starts: How many workers in a row have died, or could not load the trainable, on the way up.
        heir: The worker that is to take the slot over, if there is one.
        pid: Its worker's process, where that runs; 0 before it has loaded.
    """

    name: str
    start_worker: StartWorker
    held: dict[int, Assignment] = field(default_factory=dict)
    calls: dict[Ref, list[int]] = field(default_factory=dict)
    starts: int = 0
    failed_starts: int = 0
    pid: int = 0
    heir: Heir | None = None

    def __post_init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Put a fresh worker into the slot: the one that is to take it over, or another."""
        heir, self.heir = self.heir or self._fresh(), None
        self.actor, self.loading, self.pid = heir.actor, heir.loading, heir.pid
        self.started, self.stands_by = time.monotonic(), False
        self.watch: Ref | None = None
        self.held, self.calls = {}, {}
        self.withdrawals: dict[Ref, list[int]] = {}  # what was asked back, by the answer's reference
        self._asked_back: set[int] = set()
        self._seen = -1  # the number of the job that was last known to be in training
        self._turn = self._last_epoch = self._heard = (
            0.0  # when the job in training began, had its last epoch
        )

    def _fresh(self) -> Heir:
        self.starts += 1
        return Heir(*self.start_worker(self.name, self.starts))

    def stand_by(self) -> None:
        """Have nobody in the slot until `succeed`."""
        self.clear()
        self.loading, self.stands_by = Answer(), True

    def succeed(self, start_worker: StartWorker) -> None:
        """Have a worker of another kind take the slot over once it is up; only those start from now on."""
        self.start_worker = start_worker
        self.heir = self._fresh()
        if self.stands_by:
            self.start()

    def is_loading(self, ref: Ref) -> bool:
        """Whether this is what comes once a worker has loaded: the one in the slot, or its heir."""
        return ref is not None and (
            ref == self.loading or (self.heir is not None and ref == self.heir.loading)
        )

    def has_loaded(self, ref: Ref, pid: int) -> None:
        """That worker is up."""
        self.failed_starts = 0
        if self.heir is not None and ref == self.heir.loading:
            self.heir.loading, self.heir.pid = None, pid
        else:
            self.loading, self.pid = None, pid

    @property
    def can_be_taken_over(self) -> bool:
        """Whether its heir is up, and nothing is left to train for the worker in the slot."""
        return self.heir is not None and self.heir.loading is None and not self.calls

    def free(self, most: int, ahead: bool) -> int:
        """How many jobs it can take; none before its worker is up, once its heir is, and beside a suspect.

        Args:
            most: How many jobs a call may have.
            ahead: Whether it takes a call while another is in training; never while a job there is long.
        """
        if self.loading is not None or self.holds_suspect:
            return 0
        if self.heir is not None and self.heir.loading is None:
            return 0
        ahead = ahead and not (self.held and self.seconds > LONG_SECONDS)
        return max((CALLS_A_WORKER if ahead else 1) - len(self.calls), 0) * most

    @property
    def holds_suspect(self) -> bool:
        """Whether it trains a job that may kill it; such a job is trained alone."""
        return any(assignment.suspect for assignment in islice(self.held.values(), 1))

    def refs(self) -> list[Ref]:
        """Every reference whose answer is still to come."""
        loading = self.heir.loading if self.heir is not None else None
        others = (ref for ref in (self.loading, self.watch, loading) if ref is not None)
        return [*self.calls, *self.withdrawals, *others]

    @property
    def first(self) -> Assignment | None:
        """The job in training, as far as is known: the first that has not been heard of."""
        return next(iter(self.held.values()), None)

    @property
    def in_training(self) -> Assignment | None:
        """The job that was in training when the worker was heard of last; None where nobody knows."""
        first = self.first
        return first if first is not None and (first.number == self._seen or self.is_alone) else None

    @property
    def is_alone(self) -> bool:
        """Whether one job alone is left of the call in training that was not heard of."""
        numbers = next(iter(self.calls.values()), [])
        return sum(number in self.held for number in numbers) == 1

    @property
    def silent(self) -> float:
        """For how many seconds the job in training has had no new epoch."""
        return time.monotonic() - self._last_epoch

    @property
    def seconds(self) -> float:
        """For how long the job in training has been that, as far as is known."""
        return time.monotonic() - self._turn

    @property
    def state(self) -> str:
        """What its worker does: "starting", "busy" or "idle"."""
        return "starting" if self.loading is not None else "busy" if self.held else "idle"

    def submit(self, assignments: Sequence[Assignment]) -> None:
        """Hand out jobs that are to be trained one after the other."""
        if not self.held:
            self._next_turn()
        for assignment in assignments:
            assignment.number = next(_numbers)
            self.held[assignment.number] = assignment
        orders = [Order(each.number, each.job, each.checkpoint) for each in assignments]
        ref = self.actor.train(orders, _label(assignments))
        self.calls[ref] = [each.number for each in assignments]

    def let_go(self, number: int) -> Assignment:
        """A job has ended, or was withdrawn."""
        self._asked_back.discard(number)
        return self.held.pop(number)

    def end_call(self, ref: Ref) -> list[Assignment]:
        """A call is over; returns those of its jobs that were not heard of: they were passed over."""
        left = [self.let_go(number) for number in self.calls.pop(ref) if number in self.held]
        self._next_turn()
        return left

    def hear(self, running: Sequence[tuple[int, Report]]) -> list[Report]:
        """Take in how the jobs in training stand; what is said of those that are held."""
        self._heard = time.monotonic()
        known = [each for each in running if each[0] in self.held]  # others have ended in the meantime
        if not known:
            return []
        number, report = known[0]
        if number != self._seen:
            self._seen, self._turn = number, self._heard - report.seconds - report.silent
        self._last_epoch = self._heard - report.silent
        return [report for _, report in known]

    def ask_progress(self) -> None:
        """Ask how the job in training stands, unless that has been asked already."""
        if self.first is not None and self.watch is None:
            self.watch = self.actor.progress(self.first.number - 1)

    def ask_if_overdue(self) -> None:
        """Ask for what has ended of a call whose jobs take longer than was thought."""
        if len(self.held) > 1 and time.monotonic() - self._heard > _OVERDUE_SECONDS and not self.is_alone:
            self.ask_progress()

    def withdraw_waiting(self) -> None:
        """Ask for the jobs back that wait behind one that has turned out to be long."""
        if len(self.held) > 1 and self.seconds > LONG_SECONDS:
            self._withdraw(list(self.held)[1:])

    def stop(self, number: int, stop: Stop) -> None:
        """Have a job end: at its next epoch, or at once if it has not begun."""
        assignment = self.held[number]
        if assignment.stop is not None:
            return
        assignment.stop = stop
        if assignment is self.in_training:
            self._pass_on_stop(assignment)
        else:
            self._withdraw([number])

    def answered(self, ref: Ref, in_time: Sequence[int]) -> list[Assignment]:
        """The worker has said which jobs it will pass over: returns those; the others have begun."""
        asked = [number for number in self.withdrawals.pop(ref) if number in self.held]
        for number in set(asked).difference(in_time):
            self._asked_back.discard(number)
            self._pass_on_stop(self.held[number])
        return [self.let_go(number) for number in asked if number in in_time]

    def clear(self) -> list[Assignment]:
        """End the worker, dead or not; returns the jobs it held, the one in training first."""
        held = list(self.held.values())
        self.actor.kill()
        self.held, self.calls = {}, {}
        return held

    def _next_turn(self) -> None:
        self._turn = self._last_epoch = self._heard = time.monotonic()

    def _withdraw(self, numbers: Sequence[int]) -> None:
        numbers = [number for number in numbers if number not in self._asked_back]
        if numbers:
            self._asked_back.update(numbers)
            self.withdrawals[self.actor.withdraw(numbers)] = list(numbers)

    def _pass_on_stop(self, assignment: Assignment) -> None:
        if assignment.stop is not None:
            self.actor.stop(assignment.number, assignment.stop.why)


def _label(assignments: Sequence[Assignment]) -> str:
    """What the Ray dashboard calls a call. Ray keeps metrics by call name for ever, some 4 KB each: neither
    trials' numbers nor how many they are must be part of it."""
    jobs = [assignment.job for assignment in assignments]
    return f"train epochs {min(job.start for job in jobs)}-{max(job.stop for job in jobs)}"
