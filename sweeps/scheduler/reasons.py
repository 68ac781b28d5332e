"""Regions in the hyperparameters' own units, each with its reason in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sweeps.scheduler.edges import Lean
from sweeps.scheduler.region import Box, is_unordered
from sweeps.scheduler.scheduler import Region
from sweeps.space import Space, Value

_SIDES = ("lower", "upper")


def whole_space(space: Space, reason: str) -> tuple[Region, ...]:
    """The regions of a round that samples from everywhere."""
    return tuple(
        Region(name, *_ends(space, name, 0.0, 1.0), elites=0, reason=reason) for name in space.searched
    )


def describe(space: Space, box: Box, leans: Sequence[Lean]) -> tuple[Region, ...]:
    """A box in the hyperparameters' own units; leans: on which ends of the ranges its elites lean."""
    regions = []
    for j, name in enumerate(space.searched):
        units = box.elite_units(j)
        ends = _ends(space, name, float(box.low[j]), float(box.high[j]))
        parts = [_found(space, name, units)]
        parts += [_leaning(lean, held=box.pulled[lean.side, j]) for lean in leans if lean.name == name]
        sides = zip(_SIDES, ends, box.pulled[:, j], strict=True)
        pulled = [(side, end) for side, end, is_in in sides if is_in]
        parts += [f"{side} end pulled in to {show(end)}: infeasible beyond" for side, end in pulled]
        regions.append(Region(name, *ends, elites=len(units), reason="; ".join(parts)))
    return tuple(regions)


def show(value: object) -> str:
    """A value for a sentence. Just below 1, as many digits as tell it from 1."""
    if not isinstance(value, float):
        return str(value)
    near = 0.9 < abs(value) < 1
    digits = max(3, 2 - int(np.floor(np.log10(1 - abs(value))))) if near else 3
    return f"{value:.{digits}g}"


def _ends(space: Space, name: str, low: float, high: float) -> tuple[float | None, float | None]:
    distribution = space.distributions[name]
    if not is_unordered(space, name):
        ends: list[Value] = [distribution.from_unit(low), distribution.from_unit(high)]
        if all(isinstance(end, int | float) for end in ends):
            return float(ends[0]), float(ends[1])  # type: ignore[arg-type]
    return None, None


def _found(space: Space, name: str, units: NDArray[np.float64]) -> str:
    if len(units) < 2:
        return f"the whole range: only {len(units)} of the elites have it"
    distribution = space.distributions[name]
    values = [distribution.from_unit(float(unit)) for unit in np.sort(units)]
    if is_unordered(space, name):
        counts = Counter(sorted(map(str, values)))
        return "elites: " + ", ".join(f"{v} in {n} of {len(values)}" for v, n in counts.items())
    return f"{len(values)} elites within {show(values[0])} … {show(values[-1])}"


def _leaning(lean: Lean, held: bool) -> str:
    side = _SIDES[lean.side]
    within = f"{lean.leaning} of {lean.elites} elites within 5 % of the edge"
    if lean.grown is not None:
        return f"{side} end {show(lean.edge)} → {show(lean.grown)}: {within}"
    narrow = "" if held else ", the range may be too narrow"
    return f"{side} end {show(lean.edge)}: {within}{narrow}"
