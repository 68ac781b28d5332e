"""Reads .csv and .parquet tables: one column of labels, all others features."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from pandas.api.types import is_bool_dtype, is_complex_dtype, is_numeric_dtype

from trainer.data.source import Part, Source
from trainer.errors import DataError, choices, shortened

READERS: Mapping[str, Callable[[Path], pd.DataFrame]] = {".csv": pd.read_csv, ".parquet": pd.read_parquet}


def read_table(path: Path, given: str, target: str | None) -> Source:
    """The table's features and its column `target`. given: the path as written.

    Raises `DataError` on a file that cannot be read, an absent target and features that are no numbers.
    """
    frame = _load(path, given)
    columns = [str(name) for name in frame.columns]
    if target is None:
        raise DataError("target", None, "names no column to predict", f"write target: {choices(columns)}")
    if target not in columns:
        raise DataError("target", target, f"is not a column of {path.name}", choices(columns, target))
    frame = frame.set_axis(columns, axis="columns")
    features = frame.drop(columns=target)
    _check_numeric(features, given)
    x = features.to_numpy(dtype=np.float64, na_value=np.nan)
    y = frame[target].astype(object).to_numpy()
    return Source(Part(x, y), "path", given, target=target, columns=tuple(features.columns))


def _load(path: Path, given: str) -> pd.DataFrame:
    try:
        return READERS[path.suffix.lower()](path)
    except (OSError, ValueError, pa.ArrowException) as error:
        rule = f"cannot be read as {path.suffix}: {error}"
        raise DataError("path", given, rule, "check that the file is whole and of this kind") from error


def _check_numeric(features: pd.DataFrame, given: str) -> None:
    bad = [name for name, dtype in features.dtypes.items() if not _is_real(dtype)]
    if bad:
        rule = f"has features that are no numbers: {shortened(bad)}"
        raise DataError("path", given, rule, "encode them as numbers, or drop these columns")


def _is_real(dtype: Any) -> bool:
    return (is_numeric_dtype(dtype) or is_bool_dtype(dtype)) and not is_complex_dtype(dtype)
