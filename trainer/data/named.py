"""The data sets that have a name."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from trainer.data.digits import read_digits
from trainer.data.images import FASHION_MNIST, ImageSet
from trainer.data.source import Source

IMAGE_SETS: Mapping[str, ImageSet] = {images.name: images for images in (FASHION_MNIST,)}
NAMES = ("digits", *IMAGE_SETS)


def read_named(name: str, path: Path | None = None, given: str = "") -> Source:
    """The data set of a name in `NAMES`. path: where it lies, if it takes one; given: the same as written.

    Raises `DataError` where it cannot be read.
    """
    return IMAGE_SETS[name].read(path, given) if name in IMAGE_SETS else read_digits()
