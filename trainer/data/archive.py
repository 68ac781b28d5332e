"""Reads .npz archives, never with pickle."""

from __future__ import annotations

import lzma
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.data.source import Part, Source
from trainer.errors import DataError

_WHOLE = ("x", "y")
_PAIRS = ("x_train", "y_train", "x_test", "y_test")

# What a file that is no archive, is torn or holds pickled objects makes NumPy and its decompressors raise.
_UNREADABLE = (
    OSError,
    ValueError,
    EOFError,
    AttributeError,
    TypeError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
)


def read_archive(path: Path, given: str) -> Source:
    """The arrays `x` and `y`, or `x_train`, `y_train`, `x_test` and `y_test`. given: the path as written.

    Raises `DataError` on a file that cannot be read or lacks them.
    """
    arrays = _load(path, given)
    if all(name in arrays for name in _PAIRS):
        x, y, x_test, y_test = (arrays[name] for name in _PAIRS)
        return Source(Part(x, y), "path", given, test=Part(x_test, y_test))
    if all(name in arrays for name in _WHOLE):
        return Source(Part(arrays["x"], arrays["y"]), "path", given)
    rule = f"holds the arrays {', '.join(sorted(arrays)) or 'none'}"
    raise DataError("path", given, rule, f"save {', '.join(_WHOLE)}, or {', '.join(_PAIRS)}")


def _load(path: Path, given: str) -> Mapping[str, NDArray[Any]]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files if name in (*_WHOLE, *_PAIRS)}
    except _UNREADABLE as error:
        fix = "write it with numpy.savez, of arrays of numbers or text; pickled objects are not loaded"
        raise DataError("path", given, f"cannot be read as .npz: {error}", fix) from error
