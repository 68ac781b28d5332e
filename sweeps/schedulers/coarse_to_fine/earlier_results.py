"""The results of earlier sweeps, as the surrogate of this one learns them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from sweeps.knowledge import Knowledge, known_point
from sweeps.schedulers.coarse_to_fine.remembered import remembered
from sweeps.space import Point, Space
from sweeps.surrogate import Features, Inputs, Targets

Array = NDArray[np.float64]

_FAR = math.log(2)
_FIRST = -2  # the numbers of earlier trials go down from here: none is this sweep's, and none is NEW


class EarlierResults:
    """At most `memory` of them in all, of each sweep the best half of its share and a sample of the rest.

    Each sweep's losses are scaled by themselves, as this one's are: whatever metric it had, what counts is
    which of its configs were better.

    Args:
        earlier: What each sweep has found.
        levels: The rungs' epoch counts of this sweep, lowest first.
        memory: How many results the surrogate may have.
    """

    def __init__(self, earlier: Sequence[Knowledge], levels: Sequence[int], memory: int) -> None:
        self._earlier, self._levels, self._memory = earlier, levels, memory
        self._space: Space | None = None

    @property
    def sweeps(self) -> int:
        """How many there are."""
        return len(self._earlier)

    def named(self, values: Sequence[float]) -> dict[str, float]:
        """A figure of each sweep by its name, of those that have results here."""
        known = set(self._inputs.sources.tolist()) if values else set()
        named = enumerate(zip(self._earlier, values, strict=False), start=1)
        return {each.name: value for source, (each, value) in named if source in known}

    def says_something(self, space: Space, features: Features) -> bool:
        """Whether a config of theirs lies in the space, with a finite result at one of the rungs."""
        self._place(space, features)
        return len(self.feasible_points) > 0

    def before(
        self, inputs: Inputs, targets: Array, space: Space, features: Features
    ) -> tuple[Inputs, Array]:
        """This sweep's results with those of the earlier ones before them."""
        self._place(space, features)
        return self._inputs + inputs, np.concatenate([self._targets, targets])

    def _place(self, space: Space, features: Features) -> None:
        """Find where the earlier configs lie in the space, once for each; those outside are left out."""
        if space is self._space:
            return
        share = self._memory // max(len(self._earlier), 1)
        parts = [self._of(each, source, space, share) for source, each in enumerate(self._earlier, start=1)]
        points, rungs, trials, losses, sources = (np.concatenate(each) for each in zip(*parts, strict=True))
        numbers = _FIRST - (trials * self.sweeps + sources - 1)
        self._inputs = Inputs(features.of(points), rungs, numbers, sources)
        scaled = [Targets(part[3]).values for part in parts if len(part[3])]
        self._targets = np.concatenate(scaled) if scaled else np.empty(0)
        finite = np.isfinite(losses)
        self.feasible_points = np.unique(points[finite], axis=0)
        self._space = space

    def _of(self, earlier: Knowledge, source: int, space: Space, share: int) -> tuple[Array, ...]:
        """Points, rungs, trials, losses and sources of the results that are remembered of one sweep."""
        rows, points = [], []
        for trial, known in enumerate(earlier.trials):
            point = known_point(space, known.config)
            for rung, loss in at_rungs(known.curve, self._levels) if point is not None else ():
                rows.append((rung, trial, loss))
                points.append(point)
        if not np.isfinite([loss for *_, loss in rows]).any():
            rows, points = [], []
        found = np.array(rows, dtype=np.float64).reshape(-1, 3)
        kept = remembered(found[:, 2], share)
        rungs, trials = found[kept, 0].astype(np.int64), found[kept, 1].astype(np.int64)
        places = np.array(points).reshape(-1, len(space.searched))[kept]
        return places, rungs, trials, found[kept, 2], np.full(len(kept), source)

    def best_points(self, space: Space) -> Iterator[Point]:
        """Where their best configs lie: the best of each sweep, then the second best of each, and so on."""
        ranked = [sorted(each.trials, key=lambda trial: trial.curve[-1][1]) for each in self._earlier]
        for row in zip_longest(*ranked):
            for trial in row:
                if trial is not None and math.isfinite(trial.curve[-1][1]):
                    point = known_point(space, trial.config)
                    if point is not None:
                        yield point


def at_rungs(curve: Sequence[tuple[int, float]], levels: Sequence[int]) -> list[tuple[int, float]]:
    """(rung, loss) of a curve, at each rung the loss after the epochs that are nearest to it in proportion.

    Epochs twice as many as the last rung's, or half as many as the first's, say nothing of any.
    """
    nearest: dict[int, tuple[float, float]] = {}
    for epochs, loss in curve:
        distances = [abs(math.log(epochs / level)) for level in levels]
        rung = int(np.argmin(distances))
        if distances[rung] <= min(nearest.get(rung, (math.inf,))[0], _FAR):
            nearest[rung] = distances[rung], loss
    return [(rung, loss) for rung, (_, loss) in sorted(nearest.items())]
