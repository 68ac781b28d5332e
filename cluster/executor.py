"""The executor on Ray: a pool of long-lived workers; those that die are replaced."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

import ray
from ray.exceptions import RayError, RayTaskError

from cluster.crew import Crew
from cluster.deaths import failure, finished, stopped, why_it_died
from cluster.loading import LOAD_SECONDS
from cluster.session import Session
from cluster.shipping import Ref
from cluster.slot import LONG_SECONDS, Assignment, Stop, WorkerSlot
from cluster.worker import Loaded
from sweeps.errors import last_line
from sweeps.execution import Lost, Workload
from sweeps.trial import Checkpoint, Job, Report

_WATCH_SECONDS = 1.0
_STOP_SECONDS = 30.0  # so long an epoch may still take once its trial is to stop
_OLD = 0.9  # the weight of all jobs before the last, in how long jobs are
_DEATHS = 3  # so often may a job take its worker down with it


class RayExecutor:
    """An `Executor` of long-lived actors with one CPU and one BLAS thread each.

    Where the workload's device is "cuda", each also has its share of the cluster's GPUs. `poll` raises
    `WorkersLost` once no worker is left and none can be started.

    Args:
        workload: What to train, and on what.
        session: The Ray cluster to train on.
        workers: How many actors to start; None for one per CPU of the cluster, and more as nodes join it.
        most: How many can have something to train at once.
        load_seconds: How long a worker may take to load the trainable and its data.

    Raises:
        BadInput: If the trainable or its data cannot be sent to a worker, or a GPU is asked for and the
            cluster has none.

    Example:
        with ray_session(None, 4) as session, closing(RayExecutor(workload, session, 4)) as pool:
            pool.submit(Job(0, {"x": 1.0}, stop=3))
            reports = pool.poll(timeout=1.0)
    """

    def __init__(
        self,
        workload: Workload,
        session: Session,
        workers: int | None,
        most: int | None = None,
        load_seconds: float = LOAD_SECONDS,
    ) -> None:
        self._crew = Crew(workload, session, workers, most, load_seconds)
        self._backlog: deque[Assignment] = deque()
        self._retried: list[Lost] = []
        self._reports: list[Report] = []  # of jobs that were ended here
        self._usual: float | None = None  # seconds of a job; None before the first has ended
        self._next_watch = time.monotonic() + _WATCH_SECONDS

    @property
    def free(self) -> int:
        return max(0, sum(slot.free(self._ahead) for slot in self._crew.slots) - len(self._backlog))

    @property
    def workers(self) -> int:
        return len(self._crew.slots)

    @property
    def description(self) -> str:
        return self._crew.description

    def submit(self, job: Job, checkpoint: Checkpoint | None = None) -> None:
        self._backlog.append(Assignment(job, checkpoint))
        self._hand_out()

    def stop(self, trial: int, why: str | None = None) -> None:
        stop = Stop(why, time.monotonic() + _STOP_SECONDS)
        for slot in self._crew.slots:
            for ref in [ref for ref, held in slot.held.items() if held.job.trial == trial]:
                slot.stop(ref, stop)
        for assignment in [each for each in self._backlog if each.job.trial == trial]:
            self._backlog.remove(assignment)
            assignment.stop = stop
            self._reports.append(stopped(assignment))

    def kill(self, trial: int, why: str) -> None:
        for slot in self._crew.slots:
            if slot.first is not None and slot.first[1].job.trial == trial:
                self._end_worker(slot, failure(slot.first[1], slot.name, why, slot.seconds))

    def silent(self) -> Mapping[int, float]:
        return {slot.first[1].job.trial: slot.silent for slot in self._crew.slots if slot.first is not None}

    def poll(self, timeout: float) -> list[Report]:
        self._watch()
        reports, self._reports = self._reports, []
        timeout = 0.0 if reports else timeout
        refs = {ref: slot for slot in self._crew.slots for ref in slot.refs()}
        if not refs:
            time.sleep(timeout)
            return reports
        ray.wait(list(refs), num_returns=1, timeout=timeout, fetch_local=False)
        ready, _ = ray.wait(list(refs), num_returns=len(refs), timeout=0, fetch_local=False)
        reports += [report for ref in ready for report in self._answer(refs[ref], ref)]
        self._hand_out()
        return reports

    def retried(self) -> list[Lost]:
        retried, self._retried = self._retried, []
        return retried

    def notices(self) -> list[str]:
        notices, self._crew.notices = self._crew.notices, []
        return notices

    def close(self) -> None:
        self._backlog = deque()
        self._crew.close()

    def _hand_out(self) -> None:
        while self._backlog:
            takers = [slot for slot in self._crew.slots if slot.takes(self._backlog[0], self._ahead)]
            if not takers:
                return
            min(takers, key=lambda slot: len(slot.held)).submit(self._backlog.popleft())

    @property
    def _ahead(self) -> bool:
        """Whether workers are given a job while another is in training: where jobs are known to be short."""
        return self._usual is not None and self._usual < LONG_SECONDS

    def _watch(self) -> None:
        if time.monotonic() < self._next_watch:
            return
        self._next_watch = time.monotonic() + _WATCH_SECONDS
        for slot in self._crew.slots:
            slot.ask_progress()
            slot.withdraw_waiting()
            self._keep_deadline(slot)
        self._crew.watch()

    def _keep_deadline(self, slot: WorkerSlot) -> None:
        """End a worker whose job was to stop, and has not come to the end of its epoch for long."""
        stop = slot.first[1].stop if slot.first is not None else None
        if slot.first is not None and stop is not None and time.monotonic() > stop.deadline:
            self._end_worker(slot, stopped(slot.first[1], slot.name, slot.seconds))

    def _end_worker(self, slot: WorkerSlot, report: Report) -> None:
        """End a worker with the job in training, unless that has ended just now; what waited goes back."""
        if slot.first is None or finished(slot.first[0]) is not None:
            return
        _, *waiting = slot.clear()
        self._reports.append(report)
        self._reports += [stopped(each, slot.name) for each in waiting if each.stop is not None]
        self._backlog.extendleft(each for each in reversed(waiting) if each.stop is None)
        slot.start()

    def _answer(self, slot: WorkerSlot, ref: Ref) -> Iterator[Report]:
        """What a reference that has come in means; nothing for one of an actor that is gone by now."""
        if ref not in slot.refs():
            return
        try:
            answer: Any = ray.get(ref)
        except RayTaskError as error:
            if ref == slot.loading:
                self._crew.start_again(slot, last_line(str(error)), str(error))
                return
            answer = failure(slot.held[ref], slot.name, str(error)) if ref in slot.held else None
        except RayError as error:
            # All others tell of a worker that is gone: crashed, killed for its memory, lost with its node.
            yield from self._replace(slot, error)
            return
        if isinstance(answer, Loaded) and answer.error:
            self._crew.start_again(slot, f"on {answer.node}: {last_line(answer.error)}", answer.error)
        else:
            yield from self._receive(slot, ref, answer)

    def _receive(self, slot: WorkerSlot, ref: Ref, answer: Any) -> Iterator[Report]:
        if ref == slot.loading:
            slot.loading, slot.failed_starts, slot.pid = None, 0, answer.pid
        elif ref == slot.watch:
            slot.watch = None
            if answer is not None and slot.hear(answer):
                yield answer
        elif ref in slot.withdrawals:
            yield from self._take_back(slot, slot.withdrawals.pop(ref), was_in_time=bool(answer))
        elif answer is None:
            yield from self._take_back(slot, ref, was_in_time=True)
        else:
            slot.let_go(ref)
            before = answer.seconds if self._usual is None else self._usual
            self._usual = _OLD * before + (1 - _OLD) * answer.seconds
            yield answer

    def _take_back(self, slot: WorkerSlot, ref: Ref, was_in_time: bool) -> Iterator[Report]:
        """A worker has said whether it could pass over a job: then another may train it, or nobody."""
        if not was_in_time:
            slot.not_withdrawn(ref)
        elif ref in slot.held:
            assignment = slot.let_go(ref)
            if assignment.stop is not None:
                yield stopped(assignment, slot.name)
            else:
                self._backlog.appendleft(assignment)

    def _replace(self, slot: WorkerSlot, error: RayError) -> Iterator[Report]:
        """A worker has died: keep what it finished, start another, train the rest again."""
        if slot.loading is not None:
            self._crew.start_again(slot, why_it_died(error), str(error))
            return
        for ref in list(slot.held):
            done = finished(ref)
            if done is not None:
                yield from self._receive(slot, ref, done)
        trained = slot.seconds
        held = slot.clear()
        for place, assignment in reversed(list(enumerate(held))):
            seconds = trained if place == 0 else 0.0
            assignment.deaths += place == 0  # the first was most likely in training; alone, it surely was
            assignment.suspect = True
            if assignment.stop is not None:
                yield stopped(assignment, slot.name, seconds)
            elif assignment.deaths >= _DEATHS:
                last = f"the last time: {why_it_died(error)}\n\n{error}"
                reason = f"its worker died {_DEATHS} times while training it; {last}"
                yield failure(assignment, slot.name, reason, seconds)
            else:
                self._backlog.appendleft(assignment)
                self._retried.append(Lost(assignment.job.trial, why_it_died(error), seconds))
        during = f" with trial {held[0].job.trial} in training" if held else ""
        self._crew.notices.append(f"{slot.name} died{during} and is replaced: {why_it_died(error)}")
        slot.start()
