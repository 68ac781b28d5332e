"""The executor on Ray: a pool of long-lived workers; those that die are replaced."""

from __future__ import annotations

import secrets
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import RayError, RayTaskError

from cluster.gpus import gpu_share
from cluster.seat import Actor, Order, Ref, Seat
from cluster.session import Session
from cluster.shipping import ship
from cluster.worker import CONCURRENCY_GROUPS, Worker
from sweeps.errors import WorkersLost
from sweeps.execution import Workload
from sweeps.trial import Checkpoint, Job, Outcome, Report

_WATCH_SECONDS = 1.0
_DEATHS = 3  # so often may a job take its worker down with it, or a seat fail to get one


class RayExecutor:
    """An `Executor` of `workers` actors with one CPU and one BLAS thread each.

    Where the workload's device is "cuda", each also has its share of the cluster's GPUs. Raises `BadInput`
    if there are none. `poll` raises `WorkersLost` if no worker can be started.
    """

    def __init__(self, workload: Workload, session: Session, workers: int) -> None:
        self._session = session
        shared = (
            ship("trainable", workload.train, workload.train),
            ship("data", workload.data, workload.train),
        )
        options = {
            "workload": replace(workload, train=_shipped, data=None),
            "threads": 1,
            "search": [str(Path(folder).absolute()) for folder in sys.path],
        }
        gpus = gpu_share(workload.device, session.gpus, workers)
        self._backlog: deque[Order] = deque()
        self._notices: list[str] = []
        pool = secrets.token_hex(2)  # two sweeps may share one Ray, where an actor's name is taken once
        self._seats = [
            Seat(f"worker-{i:02d}", lambda name, n: _sit_down(name, f"{pool}-{n}", gpus, shared, options))
            for i in range(workers)
        ]
        self._next_watch = time.monotonic() + _WATCH_SECONDS

    @property
    def free(self) -> int:
        return max(0, sum(seat.free for seat in self._seats) - len(self._backlog))

    @property
    def description(self) -> str:
        dashboard = str(self._session)
        workers = f"{len(self._seats)} worker{'s' if len(self._seats) != 1 else ''} on Ray"
        return f"{workers}, dashboard {dashboard}" if dashboard else workers

    def submit(self, job: Job, checkpoint: Checkpoint | None = None) -> None:
        self._backlog.append(Order(job, checkpoint))
        self._hand_out()

    def poll(self, timeout: float) -> list[Report]:
        self._ask_progress()
        refs = {ref: seat for seat in self._seats for ref in seat.refs()}
        if not refs:
            time.sleep(timeout)
            return []
        ray.wait(list(refs), num_returns=1, timeout=timeout, fetch_local=False)
        ready, _ = ray.wait(list(refs), num_returns=len(refs), timeout=0, fetch_local=False)
        reports = [report for ref in ready for report in self._answer(refs[ref], ref)]
        self._hand_out()
        return reports

    def notices(self) -> list[str]:
        notices, self._notices = self._notices, []
        return notices

    def close(self) -> None:
        for seat in self._seats:
            seat.vacate()
        self._seats, self._backlog = [], deque()

    def _hand_out(self) -> None:
        while self._backlog:
            takers = [seat for seat in self._seats if seat.takes(self._backlog[0])]
            if not takers:
                return
            max(takers, key=lambda seat: seat.free).submit(self._backlog.popleft())

    def _ask_progress(self) -> None:
        if time.monotonic() >= self._next_watch:
            self._next_watch = time.monotonic() + _WATCH_SECONDS
            for seat in self._seats:
                seat.ask_progress()

    def _answer(self, seat: Seat, ref: Ref) -> Iterator[Report]:
        """What a reference that has come in means; nothing for one of an actor that is gone by now."""
        if ref not in seat.refs():
            return
        try:
            answer: Any = ray.get(ref)
        except RayTaskError as error:
            answer = _failure(seat.orders[ref], seat.name, str(error)) if ref in seat.orders else None
        except RayError as error:
            # All others tell of a worker that is gone: crashed, killed for its memory, lost with its node.
            yield from self._replace(seat, error)
            return
        yield from _receive(seat, ref, answer)

    def _replace(self, seat: Seat, error: RayError) -> Iterator[Report]:
        """A worker has died: keep what it finished, seat another, train the rest again."""
        seat.failed_starts = seat.failed_starts + 1 if seat.ready is not None else 0
        if seat.failed_starts >= _DEATHS and any(other.ready is None for other in self._seats):
            self._seats.remove(seat)  # the others go on without it
            return
        if seat.failed_starts >= _DEATHS:
            raise WorkersLost(f"{seat.name} could not be started, {_DEATHS} times in a row:\n{error}")
        for ref in list(seat.orders):
            done = _finished(ref)
            if done is not None:
                yield from _receive(seat, ref, done)
        for place, order in reversed(list(enumerate(seat.vacate()))):
            order.deaths += place == 0  # the first was most likely in training; alone, it surely was
            order.suspect = True
            if order.deaths >= _DEATHS:
                reason = f"its worker died {_DEATHS} times while training it; the last time:\n{error}"
                yield _failure(order, seat.name, reason)
            else:
                self._backlog.appendleft(order)
        seat.start()


def _shipped(config: object, run: object) -> float:
    """Stands for the trainable, which travels by itself."""
    raise AssertionError("a worker puts the trainable in its place")


def _sit_down(name: str, mark: str, gpus: float, shared: tuple[Ref, Ref], options: dict[str, Any]) -> Actor:
    # No restarts and retries by Ray: the pool replaces workers itself and knows which jobs to repeat.
    remote: Any = ray.remote
    actor_class = remote(
        name=f"caviar-{name}-{mark}",
        num_cpus=1,
        num_gpus=gpus,
        max_restarts=0,
        max_task_retries=0,
        concurrency_groups=CONCURRENCY_GROUPS,
        scheduling_strategy="SPREAD",
    )(Worker)
    return actor_class.remote(name, list(shared), **options)


def _receive(seat: Seat, ref: Ref, answer: Any) -> Iterator[Report]:
    if ref == seat.ready:
        seat.ready, seat.failed_starts = None, 0
    elif ref == seat.watch:
        seat.watch = None
        # Its job may have reported its end in the meantime, and another may be in training by now.
        if answer is not None and any(answer.trial == order.job.trial for order in seat.orders.values()):
            yield answer
    else:
        del seat.orders[ref]
        yield answer


def _finished(ref: Ref) -> Report | None:
    """The report behind the reference if it had come before its worker died."""
    ready, _ = ray.wait([ref], timeout=0)
    try:
        report: Any = ray.get(ref) if ready else None
    except RayError:
        return None
    return report if isinstance(report, Report) else None


def _failure(order: Order, worker: str, reason: str) -> Report:
    return Report(order.job.trial, order.job.start, None, Outcome.FAILED, worker=worker, error=reason)
