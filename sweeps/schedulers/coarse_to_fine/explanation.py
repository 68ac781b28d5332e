"""Regions in the hyperparameters' own units, each with its reason in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sweeps.schedulers.coarse_to_fine.range_growth import Lean
from sweeps.schedulers.coarse_to_fine.trust_region import TrustRegion
from sweeps.schedulers.protocol import is_unordered, range_ends
from sweeps.space import Space
from sweeps.trial import Region

_SIDES = ("lower", "upper")


def describe(space: Space, region: TrustRegion, leans: Sequence[Lean]) -> tuple[Region, ...]:
    """A region in the hyperparameters' own units; leans: on which ends of the ranges its elites lean."""
    found = []
    for j, name in enumerate(space.searched):
        units = region.elite_units(j)
        ends = range_ends(space, name, float(region.low[j]), float(region.high[j]))
        parts = [_found(space, name, units)]
        parts += [_leaning(lean, held=region.pulled[lean.side, j]) for lean in leans if lean.name == name]
        sides = zip(_SIDES, ends, region.pulled[:, j], strict=True)
        pulled = [(side, end) for side, end, is_in in sides if is_in]
        parts += [f"{side} end pulled in to {show(end)}: infeasible beyond" for side, end in pulled]
        found.append(Region(name, *ends, elites=len(units), reason="; ".join(parts)))
    return tuple(found)


def show(value: object) -> str:
    """A value for a sentence. Just below 1, as many digits as tell it from 1."""
    if not isinstance(value, float):
        return str(value)
    near = 0.9 < abs(value) < 1
    digits = max(3, 2 - int(np.floor(np.log10(1 - abs(value))))) if near else 3
    return f"{value:.{digits}g}"


def _found(space: Space, name: str, units: NDArray[np.float64]) -> str:
    if len(units) < 2:
        have = "only 1 of the elites has it" if len(units) else "none of the elites has it"
        return f"the whole range: {have}"
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
