"""The members of a population: which trial each is now, and how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sweeps.observation import Observation
from sweeps.schedulers.population.standings import Standing
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


def observed_member(number: int, last: Observation, config: Config, seed: int, epochs: int) -> Member:
    """A member as an observed trial, the last that it was, has left it; epochs: that it trains in all."""
    member = Member(number, last.trial, config, seed, last.round, last.epochs, last.parent, last.replaces)
    member.stop = last.stop
    member.decided = last.parent is not None and last.parent[1] == last.epochs
    if last.outcome.lost:
        begun = 0 if last.parent is None else last.parent[1]
        member.reached, member.losses = max((epoch for epoch, _ in last.earlier), default=begun), 1
    else:
        member.over = not last.running and (not last.waits or last.epochs >= epochs)
    return member


def reason_of(member: Member, donor: Standing, ranked: Sequence[Standing]) -> str:
    """Why a member goes on from another one's checkpoint; ranked: how all stood, the best first."""
    place = f"on from trial {donor.trial}, {ranked.index(donor) + 1} of"
    if member.lost_at is not None:
        return f"trial {member.trial} was lost: {place} {len(ranked)}"
    own = 1 + next(i for i, each in enumerate(ranked) if each.member == member.number)
    return f"trial {member.trial} was {own} of {len(ranked)} at epoch {member.reached}: {place} them"
