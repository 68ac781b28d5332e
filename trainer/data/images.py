"""Data sets of small grey images that lie on this machine. Nothing is ever downloaded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from trainer.data.archive import read_archive
from trainer.data.idx import read_folder
from trainer.data.source import Source
from trainer.errors import DataError


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

    def read(self, path: Path | None, given: str) -> Source:
        """From an .npz or a folder of idx files; without a path, from Debian's package.

        given: the path as written. Raises `DataError` where there is none or it holds something else.
        """
        source = self._installed() if path is None else self._from(path, given)
        for part in source.parts:
            if part.x.dtype != np.uint8 or part.x.shape[1:] != self.shape:
                size = " × ".join(map(str, self.shape))
                rule = f"holds images of type {part.x.dtype} and shape {part.x.shape}"
                raise source.error(rule, f"{self.name} has images of {size} bytes: (images, {size})")
        return replace(source, classes=self.classes)

    def _installed(self) -> Source:
        if self.folder.is_dir():
            return read_folder(self.folder, "name", self.name)
        rule = f"is not on this machine: there is no folder {self.folder}"
        fix = (
            f"on Debian, apt install {self.package}; "
            f"or write data: {{name: {self.name}, path: …}} with an .npz or a folder of idx files"
        )
        raise DataError("name", self.name, rule, fix)

    def _from(self, path: Path, given: str) -> Source:
        if path.is_dir():
            return read_folder(path, "path", given)
        if path.suffix.lower() != ".npz":
            fix = "give the folder of its idx files, or an .npz of x_train, y_train, x_test and y_test"
            raise DataError("path", given, "is neither a folder nor an .npz", fix)
        source = read_archive(path, given)
        if source.test is None:
            rule = f"holds x and y, but {self.name} has a test split of its own"
            raise source.error(rule, "save x_train, y_train, x_test and y_test")
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
