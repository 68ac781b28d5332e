"""The tables of a sweep as CSV: a folder with trials.csv, metrics.csv, rounds.csv and jobs.csv."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
from pyarrow import csv

from sweeps.export.histories import epochs_in_batches

if TYPE_CHECKING:
    from sweeps.results import SweepResult


def write(result: SweepResult, path: Path) -> None:
    """Texts are quoted, null is empty, lists are JSON, times are in UTC; NaN, inf and -inf are written so.

    Metrics are by trial and epoch, and pass through memory a batch of trials at a time.
    """
    path.mkdir()
    _write(result.trials, path / "trials.csv")
    _write_metrics(result, path / "metrics.csv")
    _write(result.rounds, path / "rounds.csv")
    _write(result.jobs, path / "jobs.csv")


def _write(frame: pd.DataFrame, path: Path) -> None:
    columns = {name: _plain(frame[name]) for name in frame}
    csv.write_csv(pa.Table.from_pandas(pd.DataFrame(columns), preserve_index=False), path)


def _plain(column: pd.Series[Any]) -> pd.Series[Any]:
    """Lists as JSON, for which CSV has nothing of its own."""
    if column.dtype != object:
        return column
    return column.map(lambda value: json.dumps(value.tolist()) if hasattr(value, "tolist") else value)


def _write_metrics(result: SweepResult, path: Path) -> None:
    batches = epochs_in_batches(result)
    first = next(batches)
    names = first.column_names
    with csv.CSVWriter(path, first.schema) as writer:
        writer.write_table(first)
        for table in batches:  # of a sweep that runs, a later one may have a metric more
            writer.write_table(table.select(names).cast(first.schema))
