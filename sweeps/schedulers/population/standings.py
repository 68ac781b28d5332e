"""How the members of a population stood each time they were ready."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

from sweeps.trial import Mode


class Standing(NamedTuple):
    """A member's latest result up to an epoch, the smallest loss first.

    kept: whether there is a checkpoint of it, from which others may go on.
    """

    loss: float
    trial: int
    epoch: int
    member: int
    kept: bool


@dataclass
class Standings:
    """Each member's results, by epoch.

    Members are compared as they stood at the same epoch, however far each has come since: nobody is waited
    for, and who trains on a fast worker is no better for that. One that is not there yet stands as it stood
    last.
    """

    _results: dict[int, dict[int, Standing]] = field(default_factory=dict)  # by member and epoch

    def add(self, member: int, trial: int, epoch: int, loss: float, kept: bool = True) -> None:
        """A member has come to an epoch. What it stood there first with counts, unless it was lost then."""
        found = self._results.setdefault(member, {})
        if epoch not in found or not math.isfinite(found[epoch].loss):
            found[epoch] = Standing(loss, trial, epoch, member, kept and math.isfinite(loss))

    def at(self, epoch: int) -> list[Standing]:
        """All members that have a result by then, the best first."""
        latest = (
            max((each for each in results.values() if each.epoch <= epoch), key=_epoch, default=None)
            for results in self._results.values()
        )
        return sorted(each for each in latest if each is not None)

    def of(self, member: int, epoch: int) -> Standing | None:
        """A member's result at an epoch."""
        return self._results.get(member, {}).get(epoch)

    def kept(self, member: int, trial: int, first: int) -> set[int]:
        """The epochs of a member's trial, from one on, of whose results there are checkpoints."""
        results = self._results.get(member, {}).values()
        return {each.epoch for each in results if each.trial == trial and each.kept and each.epoch >= first}


def share_of(count: int, share: float) -> int:
    """How many of so many are the best, and the worst: a share, rounded up, and never more than half.

    >>> [share_of(count, 0.25) for count in (1, 2, 5, 16)]
    [0, 1, 2, 4]
    """
    return min(math.ceil(count * share), count // 2)


def loss_of(objective: float | None, mode: Mode) -> float:
    """An objective so that the smallest is the best; infinity where there is none."""
    if objective is None or not math.isfinite(objective):
        return math.inf
    return objective if mode == "min" else -objective


def _epoch(standing: Standing) -> int:
    return standing.epoch
