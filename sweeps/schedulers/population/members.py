"""The members of a population: which trial each is now, and how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sweeps.observation import Observation
from sweeps.space import Config


@dataclass
class Member:
    """One place in the population. Where it goes on from another's checkpoint, it does so as a new trial.

    Attributes:
        number: Its place. trial: The one that it is now.
        config: That trial's.
        reached: The epochs behind it.
        seed, round: Of the trial.
        parent: The trial and the epoch of the checkpoint that the trial began from.
        replaces: The trial that this member was before.
        stop: Up to which epoch it is in training, None where it is not.
        lost_at: The epoch that it was on its way to when it diverged or failed, None where it did not.
        losses: How often it did so without coming to a further epoch.
        decided: Whether it is known that it goes on as it is.
        over: Whether it is trained no more.
    """

    number: int
    trial: int
    config: Config
    seed: int
    round: int = 0
    reached: int = 0
    parent: tuple[int, int] | None = None
    replaces: int | None = None
    stop: int | None = None
    lost_at: int | None = None
    losses: int = 0
    decided: bool = False
    over: bool = False

    @property
    def waits(self) -> bool:
        """Whether it may be trained on, and is not in training."""
        return not self.over and self.stop is None


def lineages(observations: Sequence[Observation]) -> list[list[Observation]]:
    """The observed trials of each member, the one it was first at the head; measured ones are no member's."""
    found: list[list[Observation]] = []
    of: dict[int, list[Observation]] = {}
    for seen in observations:
        if seen.measured:
            continue
        before = None if seen.replaces is None else of.get(seen.replaces)
        if before is None:
            before = []
            found.append(before)
        before.append(seen)
        of[seen.trial] = before
    return found
