"""The data sets that have a name. They lie on this machine: nothing is ever downloaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from trainer.data.read.idx import read_idx_folder
from trainer.data.read.npz import read_npz
from trainer.data.read.source import Part, Source
from trainer.errors import Unusable


@dataclass(frozen=True)
class ImageSet:
    """A data set of grey images in bytes.

    name: in a form. package: Debian's, which puts it into `folder`. classes: the names of the labels
    0, 1, … shape: (height, width) of each image, in pixels.
    """

    name: str
    package: str
    folder: Path
    classes: tuple[str, ...]
    shape: tuple[int, int] = (28, 28)

    def read(self, path: Path | None) -> Source:
        """From an .npz or a folder of idx files; without a path, from Debian's package.

        Raises `Unusable` where there is none or it holds something else.
        """
        source = self._installed() if path is None else self._from(path)
        for x in (np.asarray(part.x) for part in source.parts):
            if x.dtype != np.uint8 or x.shape[1:] != self.shape:
                size = " × ".join(map(str, self.shape))
                rule = f"holds images of type {x.dtype} and shape {x.shape}"
                raise Unusable(rule, f"{self.name} has images of {size} bytes: (images, {size})")
        return replace(source, classes=self.classes)

    def _installed(self) -> Source:
        if self.folder.is_dir():
            return read_idx_folder(self.folder)
        fix = (
            f"on Debian, apt install {self.package}; "
            f"or write data: {{name: {self.name}, path: …}} with an .npz or a folder of idx files"
        )
        raise Unusable(f"is not on this machine: there is no folder {self.folder}", fix)

    def _from(self, path: Path) -> Source:
        if path.is_dir():
            return read_idx_folder(path)
        if path.suffix.lower() != ".npz":
            fix = "give the folder of its idx files, or an .npz of x_train, y_train, x_test and y_test"
            raise Unusable("is neither a folder nor an .npz", fix)
        source = read_npz(path)
        if source.test is None:
            rule = f"holds x and y, but {self.name} has a test split of its own"
            raise Unusable(rule, "save x_train, y_train, x_test and y_test")
        return source


FASHION_MNIST = ImageSet(
    "fashion-mnist",
    package="dataset-fashion-mnist",
    folder=Path("/usr/share/datasets/fashion-mnist"),
    classes=(
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
)
"""70,000 pictures of clothes, 10,000 of them for testing (Xiao, Rasul & Vollgraf, 2017, arXiv:1708.07747)."""

IMAGE_SETS: Mapping[str, ImageSet] = {images.name: images for images in (FASHION_MNIST,)}
NAMES = ("digits", *IMAGE_SETS)


def read_named(name: str, path: Path | None = None) -> Source:
    """The data set of a name in `NAMES`. path: where it lies, if it takes one.

    Raises `Unusable` where it cannot be read.
    """
    return IMAGE_SETS[name].read(path) if name in IMAGE_SETS else read_digits()


def read_digits() -> Source:
    """1,797 handwritten digits of 8 × 8 pixels, 10 classes (Alpaydin & Kaynak, 1998), from scikit-learn.

    Raises `Unusable` where scikit-learn is not installed.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        fix = 'pip install "caviar-sweeps[digits]"'
        raise Unusable("comes with scikit-learn, which is not installed", fix) from error
    x, y = load_digits(return_X_y=True)
    return Source(Part(x.reshape(-1, 8, 8) / 16.0, y), scaled=True)
