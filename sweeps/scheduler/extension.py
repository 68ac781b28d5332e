"""Ranges that grow: past an end that their user chose, as far as what lies there can be trained."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import TypeAlias

from sweeps.sampling import SobolSampler, moved
from sweeps.space import Config, End, Numeric, Point, Space, beyond

Legal: TypeAlias = Callable[[Config], bool]

_SHARE = 0.5  # of the width that the user gave, which a range grows by: of the present one, it would race
_HALVINGS = 4  # of it, where that is not legal
_MOST = 3.0  # such widths in all, at each end: a sweep cannot run away
_SAMPLES, _DRAWS = 16, 512  # configs to judge by; points drawn to find so many with the hyperparameter


class Extension:
    """Widens the ranges of a space, one end at a time.

    space: as its user wrote it; no end moves further than three of a range's widths in it, in its own scale.
    legal: whether a config can be trained.

    A new end is legal where each of a sample of configs that can be trained at the present end can be
    trained with the new one in its place. So a combination that cannot be trained anyway does not speak
    against it, and none is added.
    """

    def __init__(self, space: Space, legal: Legal) -> None:
        self._space, self._legal = space, legal
        self._stuck: set[tuple[str, End, float]] = set()

    def widen(self, space: Space, name: str, end: End) -> Space | None:
        """The space with a range wider at one end; None where it must stay as it is.

        space: the one given at first, or what came of it here.
        The range grows by half of the width that its user gave it; where that is not legal, up to 0 or 1,
        where many a hyperparameter has its limit; where that is not either, by a quarter, an eighth, … 1/32.
        """
        original, present = self._space.distributions[name], space.distributions[name]
        if not isinstance(original, Numeric) or not isinstance(present, Numeric):
            return None
        edge = getattr(present, end)
        if (name, end, edge) in self._stuck:  # asked round after round
            return None
        points = self._points(space, name, end)
        for share, limit in _steps(edge, beyond(original, end, _MOST)):
            wider = space.grown(name, end, share * original.width / present.width, limit)
            if wider is not None and points and all(self._legal(wider.config(point)) for point in points):
                return wider
        self._stuck.add((name, end, edge))
        return None

    def _points(self, space: Space, name: str, end: End) -> list[Point]:
        """Points at the present end whose configs have the hyperparameter and can be trained."""
        sampler = SobolSampler(len(space.searched), seed=0)
        there = moved(space, name, float(end == "high"), (sampler.draw() for _ in range(_DRAWS)))
        return list(islice((point for point, config in there if self._legal(config)), _SAMPLES))


def _steps(edge: float, most: float) -> Iterator[tuple[float, float]]:
    """Shares of the width to grow by, each with what not to pass, the largest steps first."""
    yield _SHARE, most
    landmarks = [value for value in (0.0, 1.0) if min(edge, most) < value < max(edge, most)]
    for landmark in sorted(landmarks, key=lambda value: -abs(value - edge)):
        yield _SHARE, landmark
    for halving in range(_HALVINGS):
        yield _SHARE / 2 ** (halving + 1), most
