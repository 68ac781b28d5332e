"""The rounds table: one row per round and hyperparameter, with the region and its reason."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from sweeps.scheduler import Round
from sweeps.tables.parts import Parts
from sweeps.tables.schema import rounds_schema

_ROUNDS_A_PART = 1000


class RoundsTable:
    """A round is written when it begins, and never changes."""

    def __init__(self, folder: Path) -> None:
        self._parts = Parts(folder, rounds_schema())
        self._written = 0

    def flush(self, rounds: Sequence[Round]) -> None:
        """Make all rounds durable; those already written cost nothing."""
        while self._written < len(rounds):
            part = self._written // _ROUNDS_A_PART
            upto = min(len(rounds), (part + 1) * _ROUNDS_A_PART)
            rows = [
                _row(r.index, vars(region))
                for r in rounds[part * _ROUNDS_A_PART : upto]
                for region in r.regions
            ]
            self._parts.write(part, pa.Table.from_pylist(rows, schema=self._parts.schema))
            self._written = upto


def _row(index: int, region: dict[str, object]) -> dict[str, object]:
    return {"round": index, **region}
