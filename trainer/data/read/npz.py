"""Reads .npz archives, never with pickle, and never more than the file holds."""

from __future__ import annotations

import lzma
import math
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from numpy.lib import format as npy
from numpy.typing import NDArray

from trainer.data.read.source import Part, Source
from trainer.errors import Unusable, message, shortened

_WHOLE = ("x", "y")
_PAIRS = ("x_train", "y_train", "x_test", "y_test")

# What a file that is no archive, is torn, encrypted or holds pickled objects makes zipfile and NumPy raise.
_UNREADABLE = (
    OSError,
    ValueError,
    EOFError,
    KeyError,
    IndexError,
    AttributeError,
    TypeError,
    RuntimeError,
    OverflowError,
    MemoryError,
    SyntaxError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
)

# No run of equal bytes is deflated to less than a 1,032nd (zlib's technical details).
_DEFLATED = 1032


def read_npz(path: Path) -> Source:
    """The arrays `x` and `y`, or `x_train`, `y_train`, `x_test` and `y_test`.

    Raises `Unusable` on a file that cannot be read or lacks them.
    """
    arrays = read_arrays(path, (_PAIRS, _WHOLE), f"save {', '.join(_WHOLE)}, or {', '.join(_PAIRS)}")
    x, y, *test = arrays
    return Source(Part(x, y), test=Part(*test) if test else None)


def read_arrays(path: Path, sets: Sequence[Sequence[str]], fix: str) -> list[NDArray[Any]]:
    """The arrays of the first of some sets of names that an archive has.

    fix: what to do where it has none of them. Raises `Unusable` then, and on a file that cannot be read.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name.removesuffix(".npy") for name in archive.namelist()]
            wanted = next((known for known in sets if set(known) <= set(names)), ())
            arrays = [_read(archive, f"{name}.npy") for name in wanted]
    except _UNREADABLE as error:
        how = "write it with numpy.savez, of arrays of numbers or text; pickled objects are not loaded"
        raise Unusable(f"cannot be read as .npz: {message(error)}", how) from error
    if not arrays:
        raise Unusable(f"holds the arrays {shortened(sorted(names), most=10) or 'none'}", fix)
    return arrays


def _read(archive: zipfile.ZipFile, name: str) -> NDArray[Any]:
    """One array, once its header is known to announce what the archive holds: NumPy reserves that at once."""
    info = archive.getinfo(name)
    with archive.open(info) as file:
        announced, start = _size(file), file.tell()
    if start + announced != info.file_size or announced > _most(archive, info):
        raise ValueError(f"{name} announces {announced:,} bytes, which the file does not hold")
    with archive.open(info) as file:
        array: NDArray[Any] = npy.read_array(file, allow_pickle=False)
    return array


def _most(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> int:
    """How many bytes can come out of the archive for this file, whatever its directory says."""
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        with archive.open(info) as file:
            return sum(len(block) for block in iter(lambda: file.read(1 << 20), b""))
    stored = min(info.compress_size, Path(str(archive.filename)).stat().st_size)
    return stored * (_DEFLATED if info.compress_type == zipfile.ZIP_DEFLATED else 1)


def _size(file: Any) -> int:
    """Bytes of the array whose header the file begins with; the file is left behind the header."""
    version = npy.read_magic(file)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read(file)
    if dtype.hasobject:
        raise ValueError("it holds pickled objects")
    return math.prod(shape) * dtype.itemsize
