"""What a peer is told of a run before it begins."""

from __future__ import annotations

import zlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Setting:
    """budget: full trainings' worth of epochs. workers: how many train at once."""

    budget: float
    workers: int
    seed: int


def run_seed(problem: str, seed: int) -> int:
    """A seed of this problem's own: with one for all, every problem would be given the same first configs,
    and their mean would be as noisy as one of them."""
    return (zlib.crc32(problem.encode()) + 7919 * seed) % 2**31


class CannotDrive(Exception):
    """A peer does not take this problem; the message says why."""
