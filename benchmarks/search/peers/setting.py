"""What a peer is told of a run before it begins."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Setting:
    """budget: full trainings' worth of epochs. workers: how many train at once."""

    budget: float
    workers: int
    seed: int


class CannotDrive(Exception):
    """A peer does not take this problem; the message says why."""
