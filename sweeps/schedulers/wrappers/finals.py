"""The finals: once a search has finished, its best configs are trained again on fresh seeds.

The best of many noisy results is lucky as well as good, so what a search saw of it flatters it. Repeats on
seeds that nobody was chosen by do not. All finalists share the same fresh seeds (common random numbers), so
that they can be compared in pairs; Bouthillier et al. (2021), "Accounting for Variance in Machine Learning
Benchmarks", MLSys 3, show what a single seed hides.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from sweeps.objective import standing
from sweeps.observation import Observation, observe
from sweeps.schedulers.panda import PandaScheduler
from sweeps.schedulers.population import PopulationTraining
from sweeps.schedulers.protocol import Scheduler
from sweeps.schedulers.wrappers.observed_repeats import KnownRepeats, Numbers
from sweeps.schedulers.wrappers.waves import InWaves
from sweeps.space import Config
from sweeps.spec.objective import ObjectiveRule
from sweeps.trial import Job, Mode, Outcome, Report, Round


@dataclass(slots=True)
class _Candidate:
    """A trial of the search; its objective as it was last told, None without one.

    complete: whether it has trained for all its epochs, or ended by itself.
    """

    config: Config
    round: int
    objective: float | None = None
    complete: bool = False


class Finals:
    """Passes a scheduler's calls through, and when it has finished, asks for the repeats of its best configs.

    The finalists are the trials of the best `standing` that have an objective, and neither failed nor were
    infeasible; of equal configs, the better trial stands for all. A repeat is a trial of its own, numbered on
    from the search's last, in its finalist's round. Which repeats there are depends on the search's reports
    alone, not on their order.

    repeats: how many repeats there will be in all, observed ones among them; until the search has finished,
        how many at most.

    Args:
        scheduler: Which searches.
        top: How many configs are trained again, fewer where fewer have an objective; 0 for none.
        seeds: On how many fresh seeds each is.
        epochs: How long a repeat trains, from the beginning.
        mode: Whether a smaller or a larger objective is better.
        seed: The sweep's; the fresh ones follow from it.
        rule: How a trial's epochs make its objective; by default by the best of them.
        always: Trials that are trained again in any case, beside the best.

    Examples:
        >>> from sweeps.schedulers import RandomSearch
        >>> from sweeps.space import Space
        >>> space = Space({"learning_rate": {"log": [1e-4, 1e-1]}})
        >>> search = RandomSearch(space, trials=8, epochs=27)
        >>> Finals(search, top=3, seeds=5, epochs=27, mode="min", seed=0).repeats
        15
    """

    def __init__(
        self,
        scheduler: Scheduler,
        *,
        top: int,
        seeds: int,
        epochs: int,
        mode: Mode,
        seed: int,
        rule: ObjectiveRule | None = None,
        always: Sequence[int] = (),
    ) -> None:
        self._scheduler, self._epochs, self._mode = scheduler, epochs, mode
        self._rule = rule or ObjectiveRule()
        self._top, self._seeds, self._always = top, fresh_seeds(seed, seeds), tuple(always)
        # All of them, and not the best alone: one of those may still diverge when it is promoted.
        self._candidates: dict[int, _Candidate] = {}
        self._waiting: deque[Job] | None = None  # repeats, once they are known
        self._running: set[int] = set()  # repeats in training
        self._searching: set[int] = set()  # trials of the search in training
        self._no_more_search = self._no_more = False
        self._numbers = Numbers()
        self._known = KnownRepeats(epochs)
        self._observed = 0  # repeats
        self.repeats = (top + len(self._always)) * seeds

    def ask(self, capacity: int) -> list[Job]:
        if not self._search_finished:
            asked = [] if self._no_more_search else self._scheduler.ask(capacity)
            jobs = self._numbers.in_sweep(asked)
            self.repeats += sum(job.repeats is not None and not job.start for job in jobs)  # of a race
            self._note(jobs)
            return jobs
        waiting = self._to_come()
        repeats = [waiting.popleft() for _ in range(min(capacity, len(waiting)))]
        self._running.update(job.trial for job in repeats)
        return repeats

    def tell(self, report: Report) -> None:
        if report.trial in self._running:
            self._running.remove(report.trial)
            job = self._known.take(report)
            if job is not None and self._waiting is not None:
                self._waiting.append(job)
            return
        self._searching.discard(report.trial)
        self._scheduler.tell(self._numbers.in_search(report))
        if self._top:
            self._learn(self._candidates[report.trial], report)

    def observe(self, observations: Sequence[Observation], rounds: int = 0) -> None:
        """Trials of the search may be finalists; repeats are kept from the scheduler, whose own numbers go on
        as if there were none. Those of a finalist on the same seed are not asked for again; what is broken
        off goes on."""
        search = [seen for seen in observations if seen.repeats is None]
        repeats = [seen for seen in observations if seen.repeats is not None]
        self._numbers = Numbers(search, len(observations))
        observe(self._scheduler, [replace(seen, trial=i) for i, seen in enumerate(search)], rounds)
        for seen in search if self._top else ():
            complete = seen.outcome is Outcome.ENDED or seen.epochs >= self._epochs
            self._candidates[seen.trial] = _Candidate(seen.config, seen.round, seen.result, complete)
        for seen in repeats:
            self._known.add(seen)
        self._running.update(seen.trial for seen in repeats if seen.running)
        self._searching.update(seen.trial for seen in search if seen.running)
        self._observed = len(repeats)
        self.repeats += self._observed

    @property
    def babysat(self) -> PandaScheduler | None:
        """The scheduler, where it is a person who decides."""
        return self._scheduler if isinstance(self._scheduler, PandaScheduler) else None

    @property
    def population(self) -> PopulationTraining | None:
        """The scheduler, where it trains a population."""
        inner = self._scheduler
        if isinstance(inner, InWaves):
            return inner.population
        return inner if isinstance(inner, PopulationTraining) else None

    def end_search(self) -> None:
        """Ask for no more trials of the search. Those in training are still owed; then the finals begin."""
        self._no_more_search = True

    def end(self) -> None:
        """Ask for nothing any more; what is in training is still owed."""
        self._no_more_search = self._no_more = True
        self.repeats -= self.repeats if self._waiting is None else len(self._waiting)

    @property
    def finished(self) -> bool:
        return self._search_finished and not self._to_come() and not self._running

    @property
    def settled(self) -> bool:
        """Whether what is known depends on nobody's pace: never within a wave, else always."""
        return not isinstance(self._scheduler, InWaves) or self._scheduler.between_waves

    @property
    def search_ended(self) -> bool:
        """Whether `end_search` or `end` was called."""
        return self._no_more_search

    @property
    def ended(self) -> bool:
        """Whether `end` was called."""
        return self._no_more

    @property
    def searching(self) -> bool:
        """Whether the search may still ask for trials."""
        return not self._no_more_search and not self._scheduler.finished

    @property
    def _search_finished(self) -> bool:
        return self._scheduler.finished or (self._no_more_search and not self._searching)

    @property
    def blind(self) -> bool:
        """Whether the jobs to come depend on no report still owed, so that any number may be asked for."""
        return self._search_finished or getattr(self._scheduler, "blind", False)

    @property
    def planned_epochs(self) -> float | None:
        """What the search is to cost in all; None where its scheduler does not say."""
        planned: float | None = getattr(self._scheduler, "planned_epochs", None)
        return planned

    @property
    def worth(self) -> Mapping[str, float]:
        """How much the search has found earlier sweeps to be worth; nothing where there are none."""
        worth: Mapping[str, float] = getattr(self._scheduler, "worth", {})
        return worth

    @property
    def rounds(self) -> Sequence[Round]:
        return self._scheduler.rounds

    def _note(self, jobs: list[Job]) -> None:
        self._searching.update(job.trial for job in jobs)
        for job in jobs if self._top else ():
            if job.trial not in self._candidates:
                self._candidates[job.trial] = _Candidate(job.config, job.round)

    def _learn(self, candidate: _Candidate, report: Report) -> None:
        value = report.objective
        candidate.complete = report.outcome is Outcome.ENDED or report.epochs >= self._epochs
        if report.outcome.lost:
            candidate.objective = None
        elif value is not None:
            candidate.objective = value if math.isfinite(value) else None

    def _to_come(self) -> deque[Job]:
        """The repeats not asked for yet; called when the search has finished, and decided the first time."""
        if self._no_more:
            return deque()
        if self._waiting is None:
            self._waiting = deque(self._all_repeats())
            new = sum(job.trial >= self._numbers.observed for job in self._waiting)
            self.repeats = self._observed + new
            self._candidates.clear()
        return self._waiting

    def _all_repeats(self) -> Iterator[Job]:
        """Seed by seed, so that a sweep that is stopped leaves pairs to compare."""
        number = max(1 + max(self._candidates, default=0), self._numbers.observed)
        for seed, finalist in product(self._seeds, self._finalists()):
            if (finalist, seed) not in self._known:
                yield self._repeat(number, finalist, seed)
                number += 1
            elif (job := self._known.broken_off(finalist, seed)) is not None:
                yield job

    def _repeat(self, trial: int, finalist: int, seed: int) -> Job:
        of = self._candidates[finalist]
        return Job(trial, of.config, stop=self._epochs, round=of.round, seed=seed, repeats=finalist)

    def _finalists(self) -> list[int]:
        """Those that always are, then the best trials of distinct configs, the best first."""
        ranked = sorted(
            (standing(candidate.objective, candidate.complete, self._rule, self._mode), trial)
            for trial, candidate in self._candidates.items()
            if candidate.objective is not None
        )
        able = {trial for _, trial in ranked}
        chosen = {repr(self._candidates[trial].config): trial for trial in self._always if trial in able}
        most = len(chosen) + self._top
        for _, trial in ranked:
            chosen.setdefault(repr(self._candidates[trial].config), trial)
            if len(chosen) >= most:
                break
        return list(chosen.values())


def fresh_seeds(seed: int, count: int) -> list[int]:
    """`count` seeds below 2^31 that differ from `seed` and from each other; more of them begin the same."""
    words = np.random.SeedSequence(seed, spawn_key=(1,)).generate_state(count + 8) >> 1
    distinct = dict.fromkeys(word for word in words.tolist() if word != seed)
    return list(distinct)[:count]
