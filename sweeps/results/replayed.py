"""A run that was trained again from its log, beside what was recorded: per branch, metrics and weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sweeps.trial import Outcome, Report, State


@dataclass(frozen=True)
class BranchReplay:
    """One trial then and now.

    Attributes:
        trial: Its number. parent: The trial and the epoch that it began from.
        epochs: How many were trained again.
        differs: The first epoch, and the metric, that came out as another number; None where none did.
        weights: How many checkpoints were compared. unequal: The epochs of those that are not equal.
        ended_alike: Whether its jobs ended as they did then.
    """

    trial: int
    parent: tuple[int, int] | None = None
    epochs: int = 0
    differs: tuple[int, str] | None = None
    weights: int = 0
    unequal: tuple[int, ...] = ()
    ended_alike: bool = True

    @property
    def equal(self) -> bool:
        """Whether all that could be compared is equal, bit for bit."""
        return self.differs is None and not self.unequal and self.ended_alike

    def then(
        self, report: Report, outcome: Outcome, rows: Mapping[int, Mapping[str, float | None]]
    ) -> BranchReplay:
        """With one more job, which gave this report; rows: what was recorded, by epoch."""
        first = report.epochs - len(report.rows) + 1
        found = None
        for epoch, now in enumerate(report.rows, start=first):
            was = {name: value for name, value in rows.get(epoch, {}).items() if value is not None}
            found = found or next(
                ((epoch, name) for name in was if not _same(was[name], now.get(name))), None
            )
        alike = self.ended_alike and report.outcome is outcome
        if outcome is Outcome.STOPPED:  # from outside, which is not done again
            alike = self.ended_alike
        epochs = self.epochs + len(report.rows)
        return replace(self, epochs=epochs, differs=self.differs or found, ended_alike=alike)

    def weighed(self, epoch: int, equal: bool) -> BranchReplay:
        """With one more checkpoint compared."""
        unequal = self.unequal if equal else (*self.unequal, epoch)
        return replace(self, weights=self.weights + 1, unequal=unequal)


@dataclass(frozen=True)
class Replayed:
    """A run trained again.

    Attributes:
        path: Its folder. out: That of the copy, if one was written.
        branches: A line for each trial.
    """

    path: Path
    out: Path | None
    branches: tuple[BranchReplay, ...]

    @property
    def equal(self) -> bool:
        """Whether all of them are equal, bit for bit."""
        return all(branch.equal for branch in self.branches)


def same_state(one: State, other: State) -> bool:
    """Whether two checkpoints are equal, bit for bit."""
    return one.keys() == other.keys() and all(_same_array(one[name], other[name]) for name in one)


def _same_array(one: NDArray[np.generic], other: NDArray[np.generic]) -> bool:
    alike = one.dtype == other.dtype and one.shape == other.shape
    return alike and np.ascontiguousarray(one).tobytes() == np.ascontiguousarray(other).tobytes()


def _same(then: float, now: float | None) -> bool:
    return now is not None and (then == now or (then != then and now != now))
