"""Rungs: the epoch counts at which trials are compared, and what it costs to reach them."""

from __future__ import annotations

from collections.abc import Sequence


def rung_epochs(epochs: int, factor: int, count: int) -> tuple[int, ...]:
    """Epoch counts of the rungs, lowest first: epochs, epochs/factor, epochs/factor², ….

    >>> rung_epochs(27, factor=4, count=3)
    (2, 7, 27)
    """
    levels = {round(epochs / factor**k) for k in range(count)}
    return tuple(sorted(level for level in levels if level >= 1))


def rung_cost(levels: Sequence[int], share: float) -> float:
    """The epochs that a trial costs on average where this share of them climbs from each rung to the next.

    >>> rung_cost((2, 7, 27), share=0.25)
    4.5
    """
    steps = (high - low for low, high in zip((0, *levels), levels, strict=False))
    return sum(step * share**k for k, step in enumerate(steps))
