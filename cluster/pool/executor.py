"""The executor on Ray: a pool of long-lived workers; those that die are replaced."""

from __future__ import annotations

import math
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from cluster.pool.arriving import Arriving
from cluster.pool.assignment import Assignment, Stop
from cluster.pool.crew import Crew
from cluster.pool.deaths import death_notice, failure, finished, stopped
from cluster.pool.loading import LOAD_SECONDS
from cluster.pool.pace import Pace
from cluster.pool.slot import WorkerSlot
from cluster.session import Session
from cluster.workers.answers import Ref, ready, take
from sweeps.errors import last_line
from sweeps.execution import Lost, Workload
from sweeps.execution.process import CallRaised, WorkerDied
from sweeps.execution.worker import Loaded
from sweeps.trial import Checkpoint, Job, Report

_WATCH_SECONDS = 1.0
_STOP_SECONDS = 30.0  # so long an epoch may still take once its trial is to stop
_DEATHS = 3  # so often may a job take its worker down with it


class RayExecutor:
    """An `Executor` of long-lived actors with one CPU and one BLAS thread each.

    Where the workload's device is "cuda", each also has its share of the cluster's GPUs. `poll` raises
    `WorkersLost` once no worker is left and none can be started.

    Args:
        workload: What to train, and on what.
        session: The Ray cluster to train on, or one that is on its way, as `Crew` says.
        workers: How many to start; None for as many as there is room for, and more as nodes join.
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
        session: Session | Arriving,
        workers: int | None,
        most: int | None = None,
        load_seconds: float = LOAD_SECONDS,
    ) -> None:
        self._crew = Crew(workload, session, workers, most, load_seconds)
        self._backlog: deque[Assignment] = deque()
        self._retried: list[Lost] = []
        self._reports: list[Report] = []  # of jobs that were ended here
        self._pace = Pace()
        self.workers_lost = 0
        self._next_watch = time.monotonic() + _WATCH_SECONDS

    @property
    def free(self) -> int:
        room = sum(slot.free(self._pace.most, self._pace.ahead) for slot in self._crew.slots)
        return max(0, room - len(self._backlog))

    @property
    def workers(self) -> int:
        return len(self._crew.slots) * self._pace.seats

    @property
    def description(self) -> str:
        return self._crew.description

    def submit(self, job: Job, checkpoint: Checkpoint | None = None) -> None:
        self._backlog.append(Assignment(job, checkpoint))  # `poll` hands out what has come together by then

    def stop(self, trial: int, why: str | None = None) -> None:
        stop = Stop(why, time.monotonic() + _STOP_SECONDS)
        for slot in self._crew.slots:
            for number in [number for number, held in slot.held.items() if held.job.trial == trial]:
                slot.stop(number, stop)
        for assignment in [each for each in self._backlog if each.job.trial == trial]:
            self._backlog.remove(assignment)
            assignment.stop = stop
            self._reports.append(stopped(assignment))

    def kill(self, trial: int, why: str) -> None:
        for slot in self._crew.slots:
            if (held := slot.in_training) is not None and held.job.trial == trial:
                self._end_worker(slot, held, failure(held, slot.name, why, slot.seconds))

    def silent(self) -> Mapping[int, float]:
        return {
            held.job.trial: slot.silent for slot in self._crew.slots if (held := slot.in_training) is not None
        }

    def poll(self, timeout: float) -> list[Report]:
        self._watch()
        self._hand_out()
        reports, self._reports = self._reports, []
        timeout = 0.0 if reports else timeout
        refs = {ref: slot for slot in self._crew.slots for ref in slot.refs()}
        if not refs:
            time.sleep(timeout)
            return reports
        for ref in ready(refs, timeout):
            reports += self._answer(refs[ref], ref)
        for slot in self._crew.slots:
            if slot.can_be_taken_over:
                self._crew.take_over(slot)
        self._hand_out()
        return reports

    def retried(self) -> list[Lost]:
        retried, self._retried = self._retried, []
        return retried

    def states(self) -> Mapping[str, int]:
        """How many workers are busy, idle or starting."""
        return Counter(slot.state for slot in self._crew.slots)

    def notices(self) -> list[str]:
        notices, self._crew.notices = self._crew.notices, []
        return notices

    def close(self) -> None:
        self._backlog = deque()
        self._crew.close()

    def _hand_out(self) -> None:
        while self._backlog:
            takers = [slot for slot in self._crew.slots if self._takes(slot, self._backlog[0])]
            if not takers:
                return
            share = math.ceil(len(self._backlog) / len(takers))
            slot = min(takers, key=lambda slot: len(slot.held))
            slot.submit(self._next_call(min(share, self._pace.most)))

    def _takes(self, slot: WorkerSlot, assignment: Assignment) -> bool:
        """Whether a worker can take this job now; a suspect is trained alone."""
        return slot.free(self._pace.most, self._pace.ahead) > 0 and not (assignment.suspect and slot.held)

    def _next_call(self, most: int) -> list[Assignment]:
        """The jobs that are handed out next in one call; one where that is a suspect."""
        suspect = next((i for i, each in enumerate(islice(self._backlog, most)) if each.suspect), most)
        return [self._backlog.popleft() for _ in range(min(max(suspect, 1), len(self._backlog)))]

    def _watch(self) -> None:
        self._crew.look_for_ray()
        for slot in self._crew.slots:
            slot.ask_if_overdue()
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
        held = slot.in_training
        if held is not None and held.stop is not None and time.monotonic() > held.stop.deadline:
            self._end_worker(slot, held, stopped(held, slot.name, slot.seconds))

    def _end_worker(self, slot: WorkerSlot, held: Assignment, report: Report) -> None:
        """End a worker with the job in training, unless that has ended just now; what waited goes back."""
        self._reports += self._told_before(slot)
        if held.number not in slot.held:
            return
        waiting = [each for each in slot.clear() if each is not held]
        self._reports.append(report)
        self._reports += [stopped(each, slot.name) for each in waiting if each.stop is not None]
        self._backlog.extendleft(each for each in reversed(waiting) if each.stop is None)
        slot.start()

    def _answer(self, slot: WorkerSlot, ref: Ref) -> Iterator[Report]:
        """What a reference that has come in means; nothing for one of an actor that is gone by now."""
        if ref not in slot.refs():
            return
        try:
            answer = take(ref)
        except CallRaised as error:
            if slot.is_loading(ref):
                self._start_again(slot, ref, last_line(str(error)), str(error))
            else:
                yield from self._call_failed(slot, ref, str(error))
            return
        except WorkerDied as error:
            if slot.is_loading(ref):
                self._start_again(slot, ref, error.why, str(error))
            else:
                yield from self._replace(slot, error)
            return
        if isinstance(answer, Loaded) and answer.error:
            self._start_again(slot, ref, f"on {answer.node}: {last_line(answer.error)}", answer.error)
        else:
            yield from self._receive(slot, ref, answer)

    def _start_again(self, slot: WorkerSlot, ref: Ref, reason: str, error: str) -> None:
        if ref == slot.loading:
            self._crew.start_again(slot, reason, error)
        else:
            self._crew.start_heir_again(slot, reason)

    def _receive(self, slot: WorkerSlot, ref: Ref, answer: Any) -> Iterator[Report]:
        if slot.is_loading(ref):
            slot.has_loaded(ref, answer.pid)
        elif ref == slot.watch:
            slot.watch = None
            yield from self._ended(slot, answer.ended)
            yield from slot.hear(answer.running)
        elif ref in slot.withdrawals:
            yield from self._take_back(slot, slot.answered(ref, answer))
        else:
            yield from self._ended(slot, answer.ended)
            yield from self._take_back(slot, slot.end_call(ref))
            self._pace.learn(answer.seconds, len(answer.ended))
            self._pace.seats = max(self._pace.seats, answer.seats)

    def _ended(self, slot: WorkerSlot, ended: Sequence[tuple[int, Report]]) -> Iterator[Report]:
        """The reports of jobs that have ended; those that have been heard of are passed over."""
        for number, report in ended:
            if number in slot.held:
                slot.let_go(number)
                yield report

    def _take_back(self, slot: WorkerSlot, withdrawn: Sequence[Assignment]) -> Iterator[Report]:
        """A worker has passed over jobs: now another may train them, or nobody."""
        self._backlog.extendleft(each for each in reversed(withdrawn) if each.stop is None)
        yield from (stopped(each, slot.name) for each in withdrawn if each.stop is not None)

    def _call_failed(self, slot: WorkerSlot, ref: Ref, error: str) -> Iterator[Report]:
        """A call has raised, such as for a config that cannot be unpickled there; the worker lives."""
        if ref == slot.watch:
            slot.watch = None
        if ref not in slot.calls:
            return
        left = slot.end_call(ref)
        if len(left) == 1:
            yield failure(left[0], slot.name, error)
            return
        for assignment in left:  # nobody knows which of them it was; alone, it will be known
            assignment.suspect = True
        yield from self._take_back(slot, left)

    def _told_before(self, slot: WorkerSlot) -> list[Report]:
        """What a worker that is gone, or is to go, has told of its jobs until now."""
        refs = [*slot.calls, *([slot.watch] if slot.watch is not None else [])]
        return [
            report
            for ref in refs
            if (answer := finished(ref)) is not None
            for report in self._receive(slot, ref, answer)
        ]

    def _replace(self, slot: WorkerSlot, error: WorkerDied) -> Iterator[Report]:
        """A worker has died: keep what it finished, start another, train the rest again."""
        self.workers_lost += 1
        yield from self._told_before(slot)
        trained, killer, alone = slot.seconds, slot.in_training, slot.is_alone
        held = slot.clear()
        for place, assignment in reversed(list(enumerate(held))):
            seconds = trained if place == 0 else 0.0
            # The first of the call alone in it is charged: it was most likely in training. Of several, nobody
            # knows which was, so none is; all are trained alone from here on.
            assignment.deaths += place == 0 and alone
            assignment.suspect = True
            if assignment.stop is not None:
                yield stopped(assignment, slot.name, seconds)
            elif assignment.deaths >= _DEATHS:
                last = f"the last time: {error.why}\n\n{error}"
                reason = f"its worker died {_DEATHS} times while training it; {last}"
                yield failure(assignment, slot.name, reason, seconds)
            else:
                self._backlog.appendleft(assignment)
                self._retried.append(Lost(assignment.job.trial, error.why, seconds))
        self._crew.notices.append(death_notice(slot.name, held, killer, error.why))
        slot.start()
