"""The ends of ranges that the elites lean on."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sweeps.scheduler.extension import Extension
from sweeps.scheduler.region import Box, Points
from sweeps.space import End, Numeric, Space

_EDGE = 0.05  # an elite this near to an end of the range, in its scale, leans on it
HALF = 0.5  # of the elites must
_EVIDENCE = 3.0  # deviations by which the elites must be better at the end than inside
_ENDS: tuple[End, ...] = ("low", "high")


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


def leans(space: Space, box: Box, gain: Points, share: float = HALF) -> list[Lean]:
    """The ends of ordered ranges that at least this share of the elites lean on, and are better for it.

    Where it makes no difference, they lie there by chance. gain: as `edge_gain` gives it.
    """
    found = []
    for j, name in enumerate(space.searched):
        distribution = space.distributions[name]
        if isinstance(distribution, Numeric):
            units = box.elite_units(j).tolist()
            for end, better in zip(_ENDS, gain[:, j], strict=True):
                count = sum(_leans(distribution, unit, end) for unit in units)
                if len(units) >= 2 and count >= max(share * len(units), 1) and better >= _EVIDENCE:
                    found.append(Lean(name, end, count, len(units), getattr(distribution, end)))
    return found


def _leans(distribution: Numeric, unit: float, end: End) -> bool:
    """By its place, or by its value: the outer values of a coarse grid are wider than an edge."""
    near = unit >= 1 - _EDGE if end == "high" else unit <= _EDGE
    return near or distribution.from_unit(unit) == distribution.from_unit(float(end == "high"))


def grow(space: Space, found: list[Lean], extension: Extension, box: Box) -> tuple[Space, list[Lean]]:
    """The space with each of these ends further out where that is legal, and what became of them.

    An end that infeasible trials have pulled in stays.
    """
    told = []
    for lean in found:
        held = bool(box.pulled[lean.side, space.searched.index(lean.name)])
        wider = None if held else extension.widen(space, lean.name, lean.end)
        if wider is not None:
            space = wider
            edge = getattr(space.distributions[lean.name], lean.end)
            lean = replace(lean, grown=edge)
        told.append(lean)
    return space, told
