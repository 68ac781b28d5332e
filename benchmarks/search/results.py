"""The results of a comparison: a CSV file with a row for each run, added as runs end."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

_KEY = ["source", "problem", "peer", "workers", "seed"]


class Results:
    """A comparison that was broken off goes on where it was: `done` names the runs the file has."""

    def __init__(self, path: Path) -> None:
        self._path = path
        there = self.read()
        self._done = set(there[_KEY].itertuples(index=False, name=None))
        self._columns = [*map(str, there)] if path.exists() else []

    def done(self, key: tuple[str, str, str, int, int]) -> bool:
        """Whether there is a row for this source, problem, peer, number of workers and seed."""
        return key in self._done

    def add(self, key: tuple[str, str, str, int, int], row: dict[str, Any]) -> None:
        """Append a run, which may have columns that no run had before."""
        full = dict(zip(_KEY, key, strict=True)) | row
        if new := [name for name in full if name not in self._columns]:
            self._widen(new)
        with self._path.open("a", newline="") as file:
            csv.DictWriter(file, self._columns).writerow(full)
        self._done.add(key)

    def _widen(self, names: Sequence[str]) -> None:
        """Write the file anew with further columns, empty in the rows that are there."""
        rows = []
        if self._path.exists():
            with self._path.open(newline="") as file:
                rows = list(csv.DictReader(file))
        self._columns += names
        wider = self._path.with_suffix(".wider")
        with wider.open("w", newline="") as file:
            writer = csv.DictWriter(file, self._columns)
            writer.writeheader()
            writer.writerows(rows)
        wider.replace(self._path)

    def read(self) -> pd.DataFrame:
        """All rows, none where there is no file yet."""
        return pd.read_csv(self._path) if self._path.exists() else pd.DataFrame(columns=_KEY)
