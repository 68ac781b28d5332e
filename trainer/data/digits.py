"""The digits of scikit-learn."""

from __future__ import annotations

from trainer.data.source import Part, Source
from trainer.errors import DataError


def read_digits() -> Source:
    """1,797 handwritten digits of 8 × 8 pixels, 10 classes (Alpaydin & Kaynak, 1998), from scikit-learn.

    Raises `DataError` where scikit-learn is not installed.
    """
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        fix = 'pip install "caviar-sweeps[digits]"'
        raise DataError("name", "digits", "comes with scikit-learn, which is not installed", fix) from error
    x, y = load_digits(return_X_y=True)
    return Source(Part(x / 16.0, y), "name", "digits", scaled=True)
