"""The executor on Ray: a pool of long-lived workers; those that die are replaced."""

from __future__ import annotations

import re
import secrets
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import ray
from ray.exceptions import RayError, RayTaskError

from cluster.gpus import gpu_share
from cluster.session import Session
from cluster.shipping import Ref, Shared, ship
from cluster.slot import Actor, Assignment, WorkerSlot
from cluster.waiting import Waiting
from cluster.worker import CONCURRENCY_GROUPS, Loaded, Worker
from sweeps.errors import WorkersLost
from sweeps.execution import Workload
from sweeps.trial import Checkpoint, Job, Outcome, Report

_WATCH_SECONDS = 1.0
_DEATHS = 3  # so often may a job take its worker down with it, or a slot fail to get one


class RayExecutor:
    """An `Executor` of long-lived actors with one CPU and one BLAS thread each.

    Where the workload's device is "cuda", each also has its share of the cluster's GPUs. `poll` raises
    `WorkersLost` once no worker is left and none can be started.

    Args:
        workload: What to train, and on what.
        session: The Ray cluster to train on.
        workers: How many actors to start.

    Raises:
        BadInput: If the trainable or its data cannot be sent to a worker, or a GPU is asked for and the
            cluster has none.

    Example:
        with ray_session(None, 4) as session, closing(RayExecutor(workload, session, 4)) as pool:
            pool.submit(Job(0, {"x": 1.0}, stop=3))
            reports = pool.poll(timeout=1.0)
    """

    def __init__(self, workload: Workload, session: Session, workers: int) -> None:
        self._session = session
        gpus = gpu_share(workload.device, session.gpus, workers)
        shared = ship(workload.train, workload.data, everywhere=not session.is_own)
        rest = replace(workload, train=_not_here, data=None)
        self._backlog: deque[Assignment] = deque()
        self._notices: list[str] = []
        pool = secrets.token_hex(2)  # two sweeps may share one Ray, where an actor's name is taken once
        self._slots = [
            WorkerSlot(f"worker-{i:02d}", lambda name, n: _start(name, f"{pool}-{n}", gpus, shared, rest))
            for i in range(workers)
        ]
        self._wanted = workers
        self._waiting = Waiting(gpus, session.is_own)
        self._next_watch = time.monotonic() + _WATCH_SECONDS

    @property
    def free(self) -> int:
        return max(0, sum(slot.free for slot in self._slots) - len(self._backlog))

    @property
    def description(self) -> str:
        workers = f"{len(self._slots)} worker{'s' if len(self._slots) != 1 else ''} on Ray"
        return f"{workers}{self._session.place}"

    def submit(self, job: Job, checkpoint: Checkpoint | None = None) -> None:
        self._backlog.append(Assignment(job, checkpoint))
        self._hand_out()

    def poll(self, timeout: float) -> list[Report]:
        self._watch()
        refs = {ref: slot for slot in self._slots for ref in slot.refs()}
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
        for slot in self._slots:
            slot.clear()
        self._slots, self._backlog = [], deque()

    def _hand_out(self) -> None:
        while self._backlog:
            takers = [slot for slot in self._slots if slot.takes(self._backlog[0])]
            if not takers:
                return
            max(takers, key=lambda slot: slot.free).submit(self._backlog.popleft())

    def _watch(self) -> None:
        if time.monotonic() < self._next_watch:
            return
        self._next_watch = time.monotonic() + _WATCH_SECONDS
        for slot in self._slots:
            slot.ask_progress()
        self._notices += self._waiting.news(self._slots)

    def _answer(self, slot: WorkerSlot, ref: Ref) -> Iterator[Report]:
        """What a reference that has come in means; nothing for one of an actor that is gone by now."""
        if ref not in slot.refs():
            return
        try:
            answer: Any = ray.get(ref)
        except RayTaskError as error:
            if ref == slot.loading:
                self._start_again(slot, _last_line(str(error)), str(error))
                return
            answer = _failure(slot.held[ref], slot.name, str(error)) if ref in slot.held else None
        except RayError as error:
            # All others tell of a worker that is gone: crashed, killed for its memory, lost with its node.
            yield from self._replace(slot, error)
            return
        if isinstance(answer, Loaded) and answer.error:
            self._start_again(slot, f"on {answer.node}: {_last_line(answer.error)}", answer.error)
        else:
            yield from _receive(slot, ref, answer)

    def _replace(self, slot: WorkerSlot, error: RayError) -> Iterator[Report]:
        """A worker has died: keep what it finished, start another, train the rest again."""
        if slot.loading is not None:
            self._start_again(slot, _why_it_died(error), str(error))
            return
        for ref in list(slot.held):
            done = _finished(ref)
            if done is not None:
                yield from _receive(slot, ref, done)
        held = slot.clear()
        for place, assignment in reversed(list(enumerate(held))):
            assignment.deaths += place == 0  # the first was most likely in training; alone, it surely was
            assignment.suspect = True
            if assignment.deaths >= _DEATHS:
                last = f"the last time: {_why_it_died(error)}\n\n{error}"
                reason = f"its worker died {_DEATHS} times while training it; {last}"
                yield _failure(assignment, slot.name, reason)
            else:
                self._backlog.appendleft(assignment)
        during = f" with trial {held[0].job.trial} in training" if held else ""
        self._notices.append(f"{slot.name} died{during} and is replaced: {_why_it_died(error)}")
        slot.start()

    def _start_again(self, slot: WorkerSlot, reason: str, error: str) -> None:
        """A worker could not be started: try again, and in the end go on without it."""
        slot.failed_starts += 1
        slot.clear()
        if slot.failed_starts < _DEATHS:
            if slot.failed_starts == 1:
                self._notices.append(f"{slot.name} cannot be started and is tried again; {reason}")
            slot.start()
            return
        self._slots.remove(slot)
        if not self._slots:
            raise WorkersLost(
                f"no worker could be started; {slot.name} failed {_DEATHS} times in a row:\n{error}"
            )
        left = f"{len(self._slots)} of {self._wanted} workers are left"
        self._notices.append(f"{slot.name} cannot be started, {left}; {reason}")


def _not_here(config: object, run: object) -> float:
    """Stands for the trainable, which travels by itself."""
    raise AssertionError("a worker puts the trainable in its place")


def _start(name: str, mark: str, gpus: float, shared: Shared, rest: Workload) -> tuple[Actor, Ref]:
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
    actor = actor_class.remote(name)
    return actor, actor.load.remote(list(shared), rest, threads=1)


def _receive(slot: WorkerSlot, ref: Ref, answer: Any) -> Iterator[Report]:
    if ref == slot.loading:
        slot.loading, slot.failed_starts = None, 0
    elif ref == slot.watch:
        slot.watch = None
        # Its job may have reported its end in the meantime, and another may be in training by now.
        if answer is not None and any(answer.trial == held.job.trial for held in slot.held.values()):
            yield answer
    else:
        del slot.held[ref]
        yield answer


def _finished(ref: Ref) -> Report | None:
    """The report behind the reference if it had come before its worker died."""
    ready, _ = ray.wait([ref], timeout=0)
    try:
        report: Any = ray.get(ref) if ready else None
    except RayError:
        return None
    return report if isinstance(report, Report) else None


def _failure(assignment: Assignment, worker: str, reason: str) -> Report:
    job = assignment.job
    return Report(job.trial, job.start, None, Outcome.FAILED, worker=worker, error=reason)


def _why_it_died(error: RayError) -> str:
    """Ray's reason in one line."""
    text = " ".join(str(error).split())
    detail = re.search(r"Worker exit detail: (.*?\.)(?: |$)", text)
    return detail.group(1) if detail else _last_line(str(error))


def _last_line(error: str) -> str:
    return next((line.strip() for line in reversed(error.splitlines()) if line.strip()), "")
