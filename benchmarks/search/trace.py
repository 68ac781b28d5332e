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
        """The true value, as a score, of the config with the best objective seen by then."""
        seen = [(value, when, i, k) for i, k, when, value in self._rows(clock)]
        if not seen:
            return self.problem.score(self.problem.nothing)
        _, _, i, k = min(seen)
        stretch = self.stretches[i]
        truth = self.problem.truth(stretch.config, self.seed, stretch.start + k + 1)
        return self.problem.score(truth)

    def _rows(self, clock: float) -> list[tuple[int, int, float, float]]:
        """The best finite row of each job that had ended by then: job, row, time, objective."""
        found = []
        for i, stretch in enumerate(self.stretches):
            rows = stretch.rows[: max(int(np.floor(clock - stretch.began)), 0)]
            if np.isfinite(rows).any():
                k = int(np.nanargmin(np.where(np.isfinite(rows), rows, np.nan)))
                found.append((i, k, stretch.began + k + 1, float(rows[k])))
        return found
