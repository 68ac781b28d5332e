"""What is known of a sweep at a moment, fed with its events: by its own loop, or by its log."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sweeps.events import Event, JobReported, Noticed, ProcessBegun, SearchBegun, SearchEnded, SweepEnded
from sweeps.nudging.curves import Branches
from sweeps.results.population import Population
from sweeps.schedulers import is_panda, is_population
from sweeps.screen.figures import show_raised
from sweeps.screen.live.curve import Curve
from sweeps.space import Space
from sweeps.spec import SweepSpec
from sweeps.store import TrialRow
from sweeps.sweep.ledger import Ledger, Unwritten, status_in_the_end
from sweeps.sweep.progress import Progress
from sweeps.sweep.replay import Replay
from sweeps.trial import Outcome, Round, Status


class Lost(NamedTuple):
    """A trial that failed or diverged, and what it said in a line or two."""

    trial: int
    text: str


@dataclass(frozen=True, slots=True)
class Working:
    """What a worker was heard of last.

    Attributes:
        worker: Its name. trial: What it trains. epochs: How many that has behind it.
        since: When it began with it, in seconds since 1970; 0 where that is not known.
        outcome: How that stands; what it does after an end is not known before its next report.
        heard: When.
    """

    worker: str
    trial: int
    epochs: int
    since: float
    outcome: Outcome
    heard: float


class LiveState:
    """A sweep as its events have made it so far. Every question costs the same however many trials there are.

    Args:
        spec: The sweep as it is asked for now.

    Attributes:
        ledger: Every trial, by the rules of the sweep itself.
        rounds: All so far.
        branches: The curves of a model that a person babysits; None where it is a sweep.
        population: Its members, where the sweep trains one; None elsewhere.
        curve: The best objective of the search over the epochs that the search had spent by then.
        begun: The last process that has worked on it. ended: Its end, None as long as there is none.
        search_ended: Why the search ended before its time, "" where it did not.
        lost: The last trial that failed or diverged. notice: What its user was told last.
        events: How many have been taken in. last_time: When the last one was, in seconds since 1970.

    Example:
        ::

            state = LiveState(spec)
            for event in LogReader(folder / "log"):
                state.take(event)
            state.progress(now=time.time()).counts
    """

    def __init__(self, spec: SweepSpec) -> None:
        self.spec, self.space = spec, Space(spec.space)
        self.ledger = Ledger(Unwritten(), spec.metric, spec.mode, spec.epochs, spec.objective)
        self._replay = Replay(self.ledger, self.space, searches=False)
        self.curve = Curve()
        self.branches = Branches(spec.metric) if is_panda(spec.scheduler) else None
        self.population = Population() if is_population(spec.scheduler) else None
        self.begun: ProcessBegun | None = None
        self.ended: SweepEnded | None = None
        self.search_ended = ""
        self.lost: Lost | None = None
        self.notice = ""
        self.events = 0
        self._workers: dict[str, Working] = {}  # of the last process
        self.last_time = 0.0
        self._told: Progress | None = None

    def take(self, event: Event) -> None:
        """The next event. Raises `Contradiction` where it cannot follow those before it."""
        self._replay.take(event)
        for told in (self.branches, self.population):
            if told is not None:
                told.take(event)
        self.events += 1
        self.last_time = max(self.last_time, event.time)
        if isinstance(event, JobReported):
            self._reported(event)
        elif isinstance(event, ProcessBegun):
            self.begun, self.ended, self.notice = event, None, ""
            self._workers.clear()
        elif isinstance(event, SearchBegun):
            self.search_ended = ""
        elif isinstance(event, SearchEnded):
            self.search_ended = event.why
        elif isinstance(event, SweepEnded):
            self.ended = event
        elif isinstance(event, Noticed):
            self.notice = event.text

    def hear(self, progress: Progress) -> None:
        """What the loop alone knows: how many repeats there will be, and what holds the workers up."""
        self._told = progress

    @property
    def _trials(self) -> int:
        """How many there will be, or, where that is nobody's plan, are."""
        if self.branches is not None:
            return max(len(self.ledger.rows), 1)
        begun = len(self.ledger.rows) if self.population is not None else 0
        return max(self.spec.trials, begun)

    def progress(self, now: float) -> Progress:
        """The sweep as its loop would tell of it; now: the time, in seconds since 1970."""
        told = self._told
        return Progress(
            trials=self._trials,
            counts=self._counts(self._standing()),
            repeats=self._repeats,
            repeat_counts=self._counts(self.ledger.repeat_counts),
            repeat_epochs=self.spec.epochs,
            epochs=self.ledger.trained_epochs,
            round=len(self.rounds) - 1,
            best=self.ledger.best_as_trained,
            seconds=self.seconds(now),
            metric=self.spec.metric,
            limit="" if told is None else told.limit,
        )

    def seconds(self, now: float) -> float:
        """How long processes have worked on the sweep."""
        since = 0.0 if self.ended is not None or not self.events else max(now - self.last_time, 0.0)
        return self._replay.seconds + since

    def top(self, count: int) -> list[TrialRow]:
        """The best trials of the search, the best first."""
        return self.ledger.top(count)

    @property
    def rounds(self) -> Sequence[Round]:
        return self._replay.rounds

    @property
    def in_flight(self) -> int:
        """How many jobs are in training or on their way to a worker."""
        return len(self._replay.unfinished)

    def workers(self, count: int) -> list[Working]:
        """Those heard of last, at most so many, by name; of the process that works on the sweep now."""
        last = heapq.nlargest(count, self._workers.values(), key=lambda each: each.heard)
        return sorted(last, key=lambda each: each.worker)

    @property
    def worker_count(self) -> int:
        """How many workers of this process have been heard of."""
        return len(self._workers)

    def target(self, trial: int) -> int | None:
        """Up to which epoch a trial trains now; None where it does not."""
        job = self._replay.unfinished.get(trial)
        return None if job is None else job.stop

    def _reported(self, event: JobReported) -> None:
        if event.worker:
            self._workers[event.worker] = Working(
                event.worker, event.trial, event.epochs, event.started, event.outcome, event.time
            )
        if event.outcome.lost:
            said = show_raised(event.error) if event.error else f"diverged at epoch {event.epochs}"
            self.lost = Lost(event.trial, said)
        best = self.ledger.best
        if best is not None and best.objective is not None:
            self.curve.add(self.ledger.search_epochs, best.objective)

    @property
    def _repeats(self) -> int:
        """How many repeats there will be, as far as that is known: those of the spec at most."""
        begun = sum(self.ledger.repeat_counts.values())
        if self._told is not None:
            return self._told.repeats
        finals = self.spec.finalists
        return begun if self.ended is not None else max(begun, finals.top * finals.seeds)

    def _standing(self) -> Mapping[Status, int]:
        if self.branches is None or self.ended is not None:
            return self.ledger.counts
        return Counter(self.branches.status(row.trial, row.status) for row in self.ledger.rows.values())

    def _counts(self, counts: Mapping[Status, int]) -> Counter[Status]:
        """As the tables have them: at the end of a sweep nothing is in training any more."""
        found: Counter[Status] = Counter()
        for status, count in counts.items():
            over = self.ended is not None
            found[status_in_the_end(status, self._interrupted) if over else status] += count
        return found

    @property
    def _interrupted(self) -> bool:
        return self.ended is not None and self.ended.how != "complete"
