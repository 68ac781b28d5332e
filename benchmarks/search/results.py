"""The results of a comparison: a CSV file with a row for each run, added as runs end."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pandas as pd

_KEY = ["source", "problem", "peer", "workers", "seed"]


class Results:
    """A comparison that was broken off goes on where it was: `done` names the runs the file has."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._done = set(self.read()[_KEY].itertuples(index=False, name=None)) if path.exists() else set()

    def done(self, key: tuple[str, str, str, int, int]) -> bool:
        """Whether there is a row for this source, problem, peer, number of workers and seed."""
        return key in self._done

    def add(self, key: tuple[str, str, str, int, int], row: dict[str, Any]) -> None:
        """Append a run."""
        full = dict(zip(_KEY, key, strict=True)) | row
        fresh = not self._path.exists()
        with self._path.open("a", newline="") as file:
            writer = csv.DictWriter(file, list(full))
            if fresh:
                writer.writeheader()
            writer.writerow(full)
        self._done.add(key)

    def read(self) -> pd.DataFrame:
        """All rows."""
        return pd.read_csv(self._path)
