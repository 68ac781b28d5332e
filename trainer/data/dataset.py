"""What models are trained on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from trainer.data.metrics import METRICS
from trainer.data.preprocessing import Preprocessing
from trainer.data.scaling import Matrix, Scaling
from trainer.errors import DataError, choices

if TYPE_CHECKING:
    from trainer.data.about.description import Description

Task: TypeAlias = Literal["classification", "regression"]

Targets: TypeAlias = NDArray[Any]
"""What is to be predicted, shape (m,): class indices in int64, or quantities in float64."""


@dataclass(frozen=True, eq=False)
class Dataset:
    """Three splits of a problem. The arrays may be read-only; nothing writes to them.

    `load_data` makes one from a file; build your own from arrays of any other source.

    Args:
        x_train, x_validation, x_test: One example per row, shape (m, features), C-contiguous: bytes
            (uint8) or float32. A model sees `scaled(x)`.
        y_train, y_validation, y_test: Shape (m,): indices into `classes` in int64, or where `classes` is
            () quantities in float64.
        classes: The classes' names.
        scaling: How a model sees the rows; by default as they are.
        unit: How much 1 in y is in the unit of the target as it was given.
        shape: Of one example before it became a row, such as (28, 28) for an image; by default (features,).
        hints: What the user should know about the data, a sentence each.
        preprocessing: What made the rows of raw ones, which a saved model takes; None where nobody knows.
        name: Of the file or the data set, for messages.
        weights: Of the training examples in what is learned, (m,), float32, of mean 1. Metrics have none.
        metrics: What is reported of validation and test beside loss and error, see trainer.data.metrics.
        columns: Summaries of the columns, see trainer.data.about.summary. Nothing is learned from them.

    Raises:
        DataError: The arrays do not fit together.

    Examples:
        >>> import numpy as np
        >>> x, y = np.eye(4, dtype=np.float32), np.array([0, 1, 0, 1])
        >>> data = Dataset(x, y, x, y, x, y, classes=("no", "yes"))
        >>> data.task, data.features, data.outputs
        ('classification', 4, 2)
    """

    x_train: Matrix
    y_train: Targets
    x_validation: Matrix
    y_validation: Targets
    x_test: Matrix
    y_test: Targets
    classes: tuple[str, ...]
    scaling: Scaling = field(default_factory=Scaling)
    unit: float = 1.0
    shape: tuple[int, ...] = ()
    hints: tuple[str, ...] = ()
    preprocessing: Preprocessing | None = None
    name: str = ""
    metrics: tuple[str, ...] = ()
    weights: NDArray[np.float32] | None = None
    columns: tuple[Mapping[str, Any], ...] = field(default=(), compare=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("train", "validation", "test"):
            x, y = getattr(self, f"x_{name}"), getattr(self, f"y_{name}")
            self._check_examples(f"x_{name}", x)
            check = self._check_labels if self.classes else self._check_quantities
            check(f"y_{name}", y, len(x))
        self._check_scale()
        self._check_shape()
        self._check_weights()
        valid = METRICS[self.task]
        for name in self.metrics:
            if name not in valid:
                raise DataError("metrics", name, f"is no metric of a {self.task}", choices(valid, name))

    @property
    def task(self) -> Task:
        return "classification" if self.classes else "regression"

    @property
    def outputs(self) -> int:
        """Numbers that a model gives per example: one per class, or the quantity alone."""
        return len(self.classes) or 1

    @property
    def features(self) -> int:
        """Numbers per example."""
        return int(self.x_train.shape[1])

    @property
    def splits(self) -> tuple[tuple[Matrix, Targets], ...]:
        """(x, y) of train, validation and test; x as it is stored."""
        return (
            (self.x_train, self.y_train),
            (self.x_validation, self.y_validation),
            (self.x_test, self.y_test),
        )

    def scaled(self, x: Matrix) -> NDArray[np.float32]:
        """Any rows of `x_…` as a model sees them: float32, C-contiguous, of the same shape.

        x itself where it is float32 already and there is nothing to scale: do not write to it.
        """
        return self.scaling(x)

    def describe(self) -> Description:
        """What was understood of the data, in a few lines, and what a model has to beat."""
        from trainer.data.about.description import describe  # loads SciPy

        return describe(self)

    def _check_examples(self, key: str, x: Matrix) -> None:
        if x.ndim != 2 or not (x.dtype.kind == "f" or x.dtype == np.uint8) or 0 in x.shape:
            rule = "must be floats or bytes of shape (examples, features), neither of them 0"
            raise DataError(key, f"{x.dtype} of shape {x.shape}", rule)
        if x.shape[1] != self.features:
            raise DataError(key, x.shape, f"must have x_train's {self.features} features")
        if x.dtype.kind != self.x_train.dtype.kind:
            raise DataError(key, str(x.dtype), f"must be of x_train's type, {self.x_train.dtype}")

    def _check_labels(self, key: str, y: Targets, examples: int) -> None:
        if y.dtype.kind not in "iu" or y.shape != (examples,):
            rule = f"must be whole numbers of shape ({examples},), one per example"
            raise DataError(key, f"{y.dtype} of shape {y.shape}", rule)
        if y.min() < 0 or y.max() >= len(self.classes):
            rule = f"must lie in 0 … {len(self.classes) - 1}, the indices of the classes"
            raise DataError(key, [int(y.min()), int(y.max())], rule)

    def _check_quantities(self, key: str, y: Targets, examples: int) -> None:
        if y.dtype.kind != "f" or y.shape != (examples,) or not np.isfinite(y).all():
            rule = (
                f"must be finite floats of shape ({examples},), one per example, where there are no classes"
            )
            raise DataError(key, f"{y.dtype} of shape {y.shape}", rule)

    def _check_weights(self) -> None:
        w = self.weights
        if w is None:
            return
        if w.dtype != np.float32 or w.shape != self.y_train.shape or not (np.isfinite(w) & (w >= 0)).all():
            rule = f"must be finite float32 from 0 on, of shape {self.y_train.shape}"
            raise DataError("weights", f"{w.dtype} of shape {w.shape}", rule)

    def _check_scale(self) -> None:
        for key in ("factor", "offset"):
            array = getattr(self.scaling, key)
            if array.dtype != np.float32 or array.shape not in ((1,), (self.features,)):
                rule = f"must be float32 of shape (1,) or ({self.features},)"
                raise DataError(f"scaling.{key}", f"{array.dtype} of shape {array.shape}", rule)
        if not 0 < self.unit < np.inf:
            raise DataError("unit", self.unit, "must be finite and above 0")

    def _check_shape(self) -> None:
        if not self.shape:
            object.__setattr__(self, "shape", (self.features,))
        if math.prod(self.shape) != self.features:
            rule = f"must be the shape of one example, of {self.features} numbers in all"
            raise DataError("shape", self.shape, rule)
