"""The data of the real trainings, split by the trainer's own loader."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.data import Dataset, load_data
from trainer.data.read.npz import read_npz
from trainer.errors import DataError, Unusable

IMAGES = 10_000  # of Fashion-MNIST's 60,000 for training


def digits(data: Path) -> Dataset:
    """1,797 images of 8 × 8 pixels, from scikit-learn."""
    return load_data("digits")


def breast_cancer(data: Path) -> Dataset:
    """569 examples of 30 features, from scikit-learn; standardised on the training split.

    A third each for training, validation and test: on fewer than these, the lowest loss is mostly luck.
    """
    try:
        from sklearn.datasets import load_breast_cancer
    except ImportError as error:
        fix = 'pip install "caviar-sweeps[digits]"'
        rule = "comes with scikit-learn, which is not installed"
        raise DataError("name", "breast_cancer", rule, fix) from error
    x, y = load_breast_cancer(return_X_y=True)
    return _split(x, y, validation=1 / 3, test=1 / 3)


def fashion(data: Path) -> Dataset:
    """10,000 of Fashion-MNIST's training images."""
    path = data / "fashion_mnist" / "fashion_mnist.npz"
    try:
        whole = read_npz(path).whole
    except Unusable as error:
        raise DataError("path", str(path), error.rule, error.fix) from error
    return _split(whole.x[:IMAGES], whole.y[:IMAGES])


def _split(x: NDArray[Any], y: NDArray[Any], **form: float) -> Dataset:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "whole.npz"
        np.savez(path, x=x, y=y)
        return load_data({"path": path, **form})


DATA: Mapping[str, Callable[[Path], Dataset]] = {
    "digits": digits,
    "breast_cancer": breast_cancer,
    "fashion": fashion,
}
