"""What models are trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from trainer.arrays import Array, Labels
from trainer.errors import DataError


@dataclass(frozen=True, eq=False)
class Dataset:
    """Three splits of a classification problem. The arrays may be read-only; nothing writes to them.

    x_…: one example per row, shape (m, features), float32, C-contiguous. y_…: shape (m,), int64
    indices into `classes`, the classes' names. Raises `DataError` where these do not fit together.
    """

    x_train: Array
    y_train: Labels
    x_validation: Array
    y_validation: Labels
    x_test: Array
    y_test: Labels
    classes: tuple[str, ...]

    def __post_init__(self) -> None:
        for name in ("train", "validation", "test"):
            self._check_examples(f"x_{name}", getattr(self, f"x_{name}"))
            self._check_labels(f"y_{name}", getattr(self, f"y_{name}"), len(getattr(self, f"x_{name}")))

    @property
    def features(self) -> int:
        """Numbers per example."""
        return int(self.x_train.shape[1])

    @property
    def splits(self) -> tuple[tuple[Array, Labels], ...]:
        """(x, y) of train, validation and test."""
        return (
            (self.x_train, self.y_train),
            (self.x_validation, self.y_validation),
            (self.x_test, self.y_test),
        )

    def _check_examples(self, key: str, x: NDArray[Any]) -> None:
        if x.ndim != 2 or x.dtype.kind != "f" or 0 in x.shape:
            rule = "must be floats of shape (examples, features), neither of them 0"
            raise DataError(key, f"{x.dtype} of shape {x.shape}", rule)
        if x.shape[1] != self.x_train.shape[1]:
            raise DataError(key, x.shape, f"must have x_train's {self.x_train.shape[1]} features")

    def _check_labels(self, key: str, y: NDArray[Any], examples: int) -> None:
        if y.dtype.kind not in "iu" or y.shape != (examples,):
            rule = f"must be whole numbers of shape ({examples},), one per example"
            raise DataError(key, f"{y.dtype} of shape {y.shape}", rule)
        if y.min() < 0 or y.max() >= len(self.classes):
            rule = f"must lie in 0 … {len(self.classes) - 1}, the indices of the classes"
            raise DataError(key, [int(y.min()), int(y.max())], rule)
