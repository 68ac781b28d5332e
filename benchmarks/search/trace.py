"""What happened in one simulated run, and what was known of it at any time."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from benchmarks.search.problems.problem import Curve, Problem
from sweeps.space import Config


@dataclass(frozen=True)
class Stretch:
    """One job: it began at a time, after `start` epochs of its trial; its rows came one each unit of time."""

    began: float
    trial: int
    config: Config
    start: int
    rows: Curve


@dataclass
class Trace:
    """All jobs of a run. deciding: wall seconds that the scheduler itself took."""

    problem: Problem
    seed: int
    workers: int
    stretches: list[Stretch] = field(default_factory=list)
    deciding: float = 0.0

    @property
    def trials(self) -> int:
        return len({stretch.trial for stretch in self.stretches})

    def spent(self, clock: float) -> float:
        """Epochs trained by all workers up to a time."""
        return sum(min(max(clock - s.began, 0.0), len(s.rows)) for s in self.stretches)

    def busy(self, clock: float) -> float:
        """The share of the workers' time up to a time in which they trained."""
        return self.spent(clock) / (clock * self.workers)

    def score(self, clock: float) -> float:
        """The true value, as a score, of the config with the best objective seen by then.

        The mean over all that have it, where several do: which of them came first is chance.
        """
        return self._mean([self.problem.truth(*winner) for winner in self._winners(clock)])

    def test(self, clock: float) -> float | None:
        """The same for the values on data that no sweep sees; None where there are none."""
        values = [self.problem.test(*winner) for winner in self._winners(clock)]
        known = [value for value in values if value is not None]
        return self._mean(known) if len(known) == len(values) else None

    def _mean(self, values: list[float]) -> float:
        return float(np.mean([self.problem.score(value) for value in values or [self.problem.nothing]]))

    def _winners(self, clock: float) -> list[tuple[Config, int, int]]:
        """Of each trial with the best objective seen by then: config, the run's seed, the epoch."""
        rows = self._rows(clock)
        best = min((value for *_, value in rows), default=None)
        tied = [(self.stretches[i], k) for i, k, _, value in rows if value == best]
        first = {stretch.trial: (stretch, k) for stretch, k in reversed(tied)}
        return [(stretch.config, self.seed, stretch.start + k + 1) for stretch, k in first.values()]

    def _rows(self, clock: float) -> list[tuple[int, int, float, float]]:
        """The best finite row of each job that had ended by then: job, row, time, objective."""
        found = []
        for i, stretch in enumerate(self.stretches):
            rows = stretch.rows[: max(int(np.floor(clock - stretch.began)), 0)]
            if np.isfinite(rows).any():
                k = int(np.nanargmin(np.where(np.isfinite(rows), rows, np.nan)))
                found.append((i, k, stretch.began + k + 1, float(rows[k])))
        return found
