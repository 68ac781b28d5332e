"""The rounds table: one row per round and hyperparameter, with the region and its reason."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from sweeps.space import Choice, Distribution, Numeric, Space
from sweeps.store.tables.parts import Parts
from sweeps.store.tables.schema import rounds_schema
from sweeps.trial import Round

_ROUNDS_A_PART = 1000


class RoundsTable:
    """A round is written when it begins, and never changes."""

    def __init__(self, folder: Path, space: Space) -> None:
        self._scales = {name: _scale(distribution) for name, distribution in space.distributions.items()}
        self._parts = Parts(folder, rounds_schema())
        self._written = 0

    def flush(self, rounds: Sequence[Round]) -> None:
        """Make all rounds durable; those already written cost nothing."""
        while self._written < len(rounds):
            part = self._written // _ROUNDS_A_PART
            upto = min(len(rounds), (part + 1) * _ROUNDS_A_PART)
            rows = [
                {"round": r.index, "scale": self._scales.get(region.hyperparameter), **vars(region)}
                for r in rounds[part * _ROUNDS_A_PART : upto]
                for region in r.regions
            ]
            self._parts.write(part, pa.Table.from_pylist(rows, schema=self._parts.schema))
            self._written = upto


def _scale(distribution: Distribution) -> str:
    """In which scale a region lies: that of a numeric hyperparameter, or which kind of choice it is."""
    if isinstance(distribution, Numeric):
        return distribution.scale.name
    return "ordered choice" if isinstance(distribution, Choice) and distribution.ordered else "choice"
