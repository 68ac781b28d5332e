"""New configs to hold against an earlier winner: one hyperparameter moved at a time, and good moves together.

Where an optimum has moved, it has mostly done so along few hyperparameters, and along those a step from the
old winner gains. A step in one of them, compared with the winner on the same seed and after as many epochs,
shows that plainly, where as few points from all over the space would show nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from sweeps.schedulers.protocol import is_unordered
from sweeps.schedulers.sampling import SobolSampler
from sweeps.space import Choice, Config, Point, Space

STEP = 0.25  # of the range: a smaller one shows little, a larger one leads past


def probes(space: Space, winner: Config, count: int, seed: int, known: Sequence[Config]) -> list[Config]:
    """At most so many distinct new configs: a step to the roomier side of each hyperparameter, then to the
    other side, then points of the whole space.

    Args:
        space: Which has them.
        winner: Where they start.
        count: How many.
        seed: Of the points.
        known: Configs that are not to come again.
    """
    seen = {repr(config) for config in known}
    found: list[Config] = []
    for config in _candidates(space, winner, seed, count):
        if len(found) >= count:
            break
        if repr(config) not in seen:
            seen.add(repr(config))
            found.append(config)
    return found


def _candidates(space: Space, winner: Config, seed: int, count: int) -> Iterator[Config]:
    start = space.point(winner)
    active = [place for place in range(len(start)) if np.isfinite(start[place])]
    for turn in range(2):
        for place in active:
            unit = _moved(space, place, float(start[place]), turn)
            if unit is not None:
                yield _at(space, start, {place: unit})
    sampler = SobolSampler(len(space.searched), seed)
    for number in range(4 * count):
        yield space.config(sampler.draw(number))


def _moved(space: Space, place: int, unit: float, turn: int) -> float | None:
    """The coordinate after a step; None where there is none left to make."""
    name = space.searched[place]
    distribution = space.distributions[name]
    if isinstance(distribution, Choice) and is_unordered(space, name):
        values = len(distribution.values)
        return (unit + (turn + 1) / values) % 1.0 if turn + 1 < values else None
    up = (unit < 0.5) == (turn == 0)
    moved = unit + STEP if up else unit - STEP
    clipped = min(max(moved, 0.0), 1.0)
    return None if clipped == unit else clipped


def combined(space: Space, winner: Config, gains: Sequence[tuple[float, Config]]) -> Config | None:
    """The winner with all moves that gain; None where fewer than two do.

    Args:
        space: Which has them.
        winner: Where the moves start.
        gains: What each moved config gains on the winner, and the config.
    """
    start, moves = space.point(winner), {}
    for _, config in sorted((each for each in gains if each[0] > 0), key=lambda each: each[0]):
        point = space.point(config)
        changed = [place for place in range(len(start)) if _differs(start[place], point[place])]
        known = [place for place in changed if np.isfinite(start[place])]
        if len(known) == 1:  # of two steps of one hyperparameter, the one that gains more comes last
            moves[known[0]] = float(point[known[0]])
    return _at(space, start, moves) if len(moves) > 1 else None


def _differs(one: float, other: float) -> bool:
    return not (one == other or (np.isnan(one) and np.isnan(other)))


def _at(space: Space, start: Point, moves: dict[int, float]) -> Config:
    point = np.nan_to_num(start, nan=0.5)
    for place, unit in moves.items():
        point[place] = unit
    return space.config(point)
