"""Reads idx files, the format of MNIST and its kin: a magic number, sizes, then the bytes themselves.

The magic number is 0, 0, the code of the numbers' type and the count of axes; each axis' size follows
as 32 bits, the highest first (LeCun, Cortes & Burges, The MNIST database of handwritten digits).
"""

from __future__ import annotations

import gzip
import math
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trainer.data.read.source import Part, Source
from trainer.errors import Unusable, message

_BYTES = 8  # the code of unsigned bytes, the one type that such images and labels have
_IMAGES, _LABELS = "images-idx3-ubyte", "labels-idx1-ubyte"
_FILES = tuple(f"{split}-{what}" for split in ("train", "t10k") for what in (_IMAGES, _LABELS))


def read_idx_folder(folder: Path) -> Source:
    """The four files train-images-idx3-ubyte, train-labels-idx1-ubyte and t10k-…, each alone or with .gz.

    Raises `Unusable` on files that are absent or cannot be read.
    """
    found = {name: _find(folder, name) for name in _FILES}
    missing = [name for name, path in found.items() if path is None]
    if missing:
        rule = f"leads to the folder {folder.absolute()}, which lacks {', '.join(missing)}"
        raise Unusable(rule, f"put {', '.join(_FILES)} there, each as it is or with .gz")
    x, y, x_test, y_test = [_read(path) for path in found.values() if path is not None]
    return Source(Part(x, y), test=Part(x_test, y_test))


def read_idx(path: Path) -> NDArray[np.uint8]:
    """The array in an idx file of bytes, gzipped if it ends in .gz; not to be written to.

    Raises ValueError, and what `open` and `gzip` raise.
    """
    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        content = file.read()
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] != _BYTES or content[3] == 0:
        raise ValueError(
            f"it begins with {content[:4].hex(' ') or 'nothing'}, not with 00 00 08 and its axes"
        )
    start = 4 + 4 * content[3]
    shape = [int.from_bytes(content[at : at + 4], "big") for at in range(4, start, 4)]
    if len(content) != start + math.prod(shape):
        size = " × ".join(map(str, shape))
        raise ValueError(f"it announces {size} bytes, but {max(0, len(content) - start)} follow")
    return np.frombuffer(content, np.uint8, offset=start).reshape(shape)


def _find(folder: Path, name: str) -> Path | None:
    """The file of that name; some copies have a dot before idx."""
    names = (name, name.replace("-idx", ".idx"))
    paths = (folder / f"{spelling}{suffix}" for spelling in names for suffix in ("", ".gz"))
    return next((path for path in paths if path.is_file()), None)


def _read(path: Path) -> NDArray[np.uint8]:
    try:
        return read_idx(path)
    except (OSError, ValueError, EOFError, MemoryError, zlib.error) as error:
        rule = f"leads to {path.name}, which cannot be read as idx: {message(error)}"
        raise Unusable(rule, f"put a whole copy in the place of {path.absolute()}") from error
