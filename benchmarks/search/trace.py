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
        winner = self._winner(clock)
        return self.problem.score(self.problem.truth(*winner) if winner else self.problem.nothing)

    def test(self, clock: float) -> float | None:
        """The same config's value on data that no sweep sees, as a score; None where there are none."""
        winner = self._winner(clock)
        value = self.problem.test(*winner) if winner else self.problem.nothing
        return None if value is None else self.problem.score(value)

    def _winner(self, clock: float) -> tuple[Config, int, int] | None:
        """The config with the best objective seen by then, the run's seed, and the epoch it was seen at."""
        seen = [(value, when, i, k) for i, k, when, value in self._rows(clock)]
        if not seen:
            return None
        _, _, i, k = min(seen)
        return self.stretches[i].config, self.seed, self.stretches[i].start + k + 1

    def _rows(self, clock: float) -> list[tuple[int, int, float, float]]:
        """The best finite row of each job that had ended by then: job, row, time, objective."""
        found = []
        for i, stretch in enumerate(self.stretches):
            rows = stretch.rows[: max(int(np.floor(clock - stretch.began)), 0)]
            if np.isfinite(rows).any():
                k = int(np.nanargmin(np.where(np.isfinite(rows), rows, np.nan)))
                found.append((i, k, stretch.began + k + 1, float(rows[k])))
        return found
