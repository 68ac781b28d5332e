"""How many trials a retune trains, and how far, so that nothing changed costs little."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sweeps.schedulers.rungs import rung_epochs

_FACTOR, _RUNGS = 3, 3
_LEAST, _MOST = 8, 24  # trials at the lowest rung
_ELITES = 6
_WIDE = 6  # a budget of so many full trainings has room for a further rival at the top
_PAIR = 5  # one of so many has room for a pair on a fresh seed, whoever is ahead


@dataclass(frozen=True)
class Sizes:
    """levels: the rungs' epochs, lowest first. counts: how many trials are trained up to each, the earlier
    winner among them. elites: how many of those are the earlier sweep's best."""

    levels: tuple[int, ...]
    counts: tuple[int, ...]
    elites: int

    @property
    def cost(self) -> int:
        """Epochs, without the race on fresh seeds.

        >>> sizes_for(503, 27).counts, sizes_for(503, 27).cost
        ((13, 4, 2), 99)
        """
        steps = zip((0, *self.levels), self.levels, self.counts, strict=False)
        return sum((high - low) * count for low, high, count in steps)


def retune_levels(epochs: int) -> tuple[int, ...]:
    """The rungs of a retune whose best are trained for so many epochs."""
    return rung_epochs(epochs, _FACTOR, _RUNGS)


def sizes_for(old_epochs: int, epochs: int, part: float = 0.2) -> Sizes:
    """Sizes that cost about a part of an earlier sweep.

    Args:
        old_epochs: What the earlier sweep cost, its finals among it.
        epochs: How long the best are trained.
        part: Of the earlier cost.
    """
    budget, levels = old_epochs * part, retune_levels(epochs)
    upper = upper_counts(budget, levels)
    above = Sizes(levels, (0, *upper), 0).cost
    pair = 2 * epochs if budget >= _PAIR * epochs else 0
    first = min(max(int((budget - above - pair) // levels[0]), _LEAST), _MOST)
    first = max(first, *upper, 2) if upper else first
    return Sizes(levels, (first, *upper), min(_ELITES, max(first // 3, 4)))


def costs_of(budget: float, trials: int, epochs: int, seeds: int) -> tuple[int, int]:
    """What a check costs in epochs where nobody is ahead of the winner, and at most.

    Args:
        budget: What it is to cost. trials: How many begin. epochs: How long the best are trained.
        seeds: On how many fresh ones each that was trained to the end is raced against the winner at most.

    >>> costs_of(123, 8, 27, 5)
    (84, 354)
    """
    levels = retune_levels(epochs)
    counts = (trials, *upper_counts(budget, levels))
    halving = Sizes(levels, counts, 0).cost
    pair = 2 * epochs if halving + 2 * epochs <= budget else 0
    return halving + pair, halving + seeds * counts[-1] * epochs


def upper_counts(budget: float, levels: Sequence[int]) -> tuple[int, ...]:
    """How many trials go on to each rung but the lowest."""
    top = 3 if budget >= _WIDE * levels[-1] else 2
    return tuple(top + 2 * place for place in range(len(levels) - 1))[::-1]
