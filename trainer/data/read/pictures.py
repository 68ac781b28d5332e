"""Reads pictures from files, through Pillow: all of one size, in bytes, grey or in three colours."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.errors import Unusable, in_words, message

PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp")
Size = tuple[int, int]
"""Height and width, in pixels."""

_INSTALL = 'pip install "caviar-sweeps[images]"'
_GREY = ("1", "L", "LA")  # Pillow's modes
_DEEP = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")
_PNG = b"\x89PNG\r\n\x1a\n"
_DEPTH = 24  # where a .png says how many bits a colour has: after its signature and the sizes (RFC 2083)
_GIB = 2**30
_MOST = 8 * _GIB  # bytes of all pictures, which are held in memory


def read_pictures(paths: Sequence[Path], shape: tuple[int, ...], resized: bool) -> NDArray[np.uint8]:
    """Pictures as images of a shape, (m, *shape), `resized` to it or of that size. Raises `Unusable`."""
    if len(shape) not in (2, 3) or shape[2:] not in ((), (3,)):
        size = " × ".join(map(str, shape))
        raise Unusable("holds pictures", f"the model was trained on arrays of {size}: give such an array")
    kept, grey = (shape[0], shape[1]), len(shape) == 2
    _check_memory(len(paths), kept, grey, "give fewer at a time")
    found = [_opened(path, kept if resized else None) for path in paths]
    _check_sizes(paths, found, kept, f"resize it to {kept[0]} × {kept[1]}")
    return stacked(found, grey)


def open_alike(paths: Sequence[Path], size: Size | None) -> list[NDArray[np.uint8]]:
    """Pictures, resized to a size or of one; as bytes, (height, width) or with colours (height, width, 3).

    Raises `Unusable` where one cannot be read or is of another size, and where memory could not hold them,
    if all are like the first.
    """
    first = _opened(paths[0], None)
    smaller = "write a smaller size" if size else "write a size to resize them to, such as size: 64"
    _check_memory(len(paths), size or (first.shape[0], first.shape[1]), first.ndim == 2, smaller)
    found = [_opened(path, size) for path in paths]
    height, width = size or Counter(picture.shape[:2] for picture in found).most_common(1)[0][0]
    fix = f"write size: {height}, or size: [{height}, {width}], to resize all"
    _check_sizes(paths, found, (height, width), fix)
    return found


def stacked(pictures: Sequence[NDArray[np.uint8]], grey: bool) -> NDArray[np.uint8]:
    """(m, height, width), or (m, height, width, 3), where a grey picture has three equal colours."""
    if grey:
        return np.stack([_as_grey(picture) for picture in pictures])
    three = [p if p.ndim == 3 else np.repeat(p[:, :, None], 3, axis=2) for p in pictures]
    return np.stack(three)


def place(path: Path) -> str:
    """A file or a folder as messages name it."""
    return in_words(f"{path.parent.name}/{path.name}".removeprefix("/"))


def _as_grey(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """By the weights of ITU-R BT.601, as Pillow has them."""
    if picture.ndim == 2:
        return picture
    grey: NDArray[np.uint8] = np.round(picture @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)
    return grey


def _opened(path: Path, size: Size | None) -> NDArray[np.uint8]:
    """(height, width), or with colours (height, width, 3); turned as its camera says. Alpha is left out."""
    Image, ImageOps = _pillow()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as opened:
                _check_depth(path, opened.mode)
                picture = ImageOps.exif_transpose(opened)
                picture = picture.convert("L" if opened.mode in _GREY else "RGB")
    except Unusable:
        raise
    except Exception as error:  # what a damaged file makes of its reader is anything
        rule = f"has {place(path)}, which cannot be read: {message(error)}"
        raise Unusable(rule, "restore or remove this file") from error
    if size is not None:
        picture = picture.resize((size[1], size[0]), Image.Resampling.BILINEAR)
    array: NDArray[np.uint8] = np.asarray(picture, np.uint8)
    return array


def _pillow() -> tuple[Any, Any]:
    try:
        from PIL import Image, ImageOps
    except ImportError as error:
        raise Unusable("holds pictures, and reading them takes Pillow", _INSTALL) from error
    return Image, ImageOps


def _check_depth(path: Path, mode: str) -> None:
    """Raise `Unusable` on more than 8 bits a colour, which Pillow's mode says of grey pictures alone."""
    with path.open("rb") as file:
        head = file.read(_DEPTH + 1)
    if mode in _DEEP or (head.startswith(_PNG) and head[_DEPTH] > 8):
        rule = f"has {place(path)}, which has more than 8 bits a colour"
        raise Unusable(rule, "convert it to 8 bits a colour")


def _check_memory(count: int, size: Size, grey: bool, fix: str) -> None:
    taken = count * size[0] * size[1] * (1 if grey else 3)
    if taken > _MOST:
        pictures = f"{count:,} picture{'s'[: count > 1]}"
        rule = f"holds {pictures}, which take {taken / _GIB:,.1f} GiB at {size[0]} × {size[1]} pixels"
        raise Unusable(rule, f"{fix}: {_MOST // _GIB} GiB are the most")


def _check_sizes(
    paths: Sequence[Path], pictures: Sequence[NDArray[np.uint8]], wanted: Size, fix: str
) -> None:
    for path, picture in zip(paths, pictures, strict=True):
        if picture.shape[:2] != wanted:
            own, others = (" × ".join(map(str, each)) for each in (picture.shape[:2], wanted))
            raise Unusable(f"has {place(path)}, which is {own} pixels, and not {others}", fix)
