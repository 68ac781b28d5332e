"""The ends of ranges that the elites lean on, and ranges that grow there as far as can be trained."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeAlias

from sweeps.schedulers.coarse_to_fine.settings import CoarseToFineSettings
from sweeps.schedulers.coarse_to_fine.trust_region import Points, TrustRegion
from sweeps.schedulers.sampling import SobolSampler, moved
from sweeps.space import Config, Distribution, End, Numeric, Point, Space, beyond

Legal: TypeAlias = Callable[[Config], bool]

_ENDS: tuple[End, ...] = ("low", "high")


class Extension:
    """Grows the ranges of a space, one end at a time.

    A new end is legal where each of a sample of configs that can be trained at the present end can be
    trained with the new one in its place. So a combination that cannot be trained anyway does not speak
    against it, and none is added.

    Args:
        space: As its user wrote it; no end moves further than `growth_limit` of a range's widths in it, in
            its own scale.
        legal: Whether a config can be trained.
        settings: How far ranges grow.
    """

    def __init__(self, space: Space, legal: Legal, settings: CoarseToFineSettings | None = None) -> None:
        self._space, self._legal, self._settings = space, legal, settings or CoarseToFineSettings()
        self._stuck: set[tuple[str, End, float]] = set()

    def grow(self, space: Space, name: str, end: End) -> Space | None:
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
        for share, limit in self._steps(edge, beyond(original, end, self._settings.growth_limit)):
            wider = space.grown(name, end, share * original.width / present.width, limit)
            if wider is not None and points and all(self._legal(wider.config(point)) for point in points):
                return wider
        self._stuck.add((name, end, edge))
        return None

    def to_hold(self, space: Space, config: Config) -> Space:
        """The space with ranges that have grown, as they would here, until they hold a config; as it is where
        they cannot."""
        larger = space
        for name, value in config.items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                while (end := _end_short_of(larger.distributions.get(name), value)) is not None:
                    grown = self.grow(larger, name, end)
                    if grown is None:
                        return space
                    larger = grown
        return larger if larger.own(config) is not None else space

    def _points(self, space: Space, name: str, end: End) -> list[Point]:
        """Points at the present end whose configs have the hyperparameter and can be trained."""
        sampler = SobolSampler(len(space.searched), seed=0)
        drawn = (sampler.draw(number) for number in range(self._settings.growth_draws))
        there = moved(space, name, float(end == "high"), drawn)
        legal = (point for point, config in there if self._legal(config))
        return list(islice(legal, self._settings.growth_samples))

    def _steps(self, edge: float, most: float) -> Iterator[tuple[float, float]]:
        """Shares of the width to grow by, each with what not to pass, the largest steps first."""
        yield self._settings.growth, most
        landmarks = [value for value in (0.0, 1.0) if min(edge, most) < value < max(edge, most)]
        for landmark in sorted(landmarks, key=lambda value: -abs(value - edge)):
            yield self._settings.growth, landmark
        for halving in range(self._settings.growth_halvings):
            yield self._settings.growth / 2 ** (halving + 1), most


def _end_short_of(distribution: Distribution | None, value: float) -> End | None:
    """The end of a range beyond which a value lies, if it does."""
    if not isinstance(distribution, Numeric) or distribution.low <= value <= distribution.high:
        return None
    return "low" if value < distribution.low else "high"


@dataclass(frozen=True)
class Lean:
    """One end that elites lean on: how many of how many, and to where the range grew, if it did."""

    name: str
    end: End
    leaning: int
    elites: int
    edge: float | int
    grown: float | int | None = None

    @property
    def side(self) -> int:
        """Where pairs of ends have this one."""
        return _ENDS.index(self.end)


def leans(
    space: Space,
    region: TrustRegion,
    gain: Points,
    settings: CoarseToFineSettings,
    share: float | None = None,
) -> list[Lean]:
    """The ends of ordered ranges that enough of the elites lean on, and are better for it.

    Where it makes no difference, they lie there by chance. gain: as `edge_gain` gives it.
    share: of the elites that must lean; by default the settings'.
    """
    share = settings.leaning if share is None else share
    found = []
    for j, name in enumerate(space.searched):
        distribution = space.distributions[name]
        if isinstance(distribution, Numeric):
            units = region.elite_units(j).tolist()
            for end, better in zip(_ENDS, gain[:, j], strict=True):
                count = sum(_leans(distribution, unit, end, settings.edge) for unit in units)
                if len(units) >= 2 and count >= max(share * len(units), 1) and better >= settings.evidence:
                    found.append(Lean(name, end, count, len(units), getattr(distribution, end)))
    return found


def _leans(distribution: Numeric, unit: float, end: End, edge: float) -> bool:
    """By its place, or by its value: the outer values of a coarse grid are wider than an edge."""
    near = unit >= 1 - edge if end == "high" else unit <= edge
    return near or distribution.from_unit(unit) == distribution.from_unit(float(end == "high"))


def grow(
    space: Space, found: list[Lean], extension: Extension, region: TrustRegion
) -> tuple[Space, list[Lean]]:
    """The space with each of these ends further out where that is legal, and what became of them.

    An end that infeasible trials have pulled in stays.
    """
    told = []
    for lean in found:
        held = bool(region.pulled[lean.side, space.searched.index(lean.name)])
        wider = None if held else extension.grow(space, lean.name, lean.end)
        if wider is not None:
            space = wider
            edge = getattr(space.distributions[lean.name], lean.end)
            lean = replace(lean, grown=edge)
        told.append(lean)
    return space, told
