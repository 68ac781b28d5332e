"""The third stage: how features and targets are treated follows from the training split alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.data.columns import TableTransform
from trainer.data.features import as_rows
from trainer.data.read.columns import Columns, LeftOut
from trainer.data.read.source import Features
from trainer.data.scaling import Standard
from trainer.data.transform import NumberTransform, Transform
from trainer.errors import Unusable

_LARGEST = float(np.finfo(np.float32).max)  # what a model may have to predict

_IMAGES = (3, 4)  # axes of an array of images, grey or with colours
_NO_BYTES = (
    "images that are no bytes are standardised pixel by pixel, by the training split; "
    "store them as bytes, 0 … 255, or write standardise: false if they lie on one scale already"
)

Quantities = NDArray[np.float64]


def fit_features(
    train: Features,
    *,
    standardise: bool,
    as_bytes: bool = False,
    kinds: Mapping[str, str] | None = None,
    left_out: Sequence[LeftOut] = (),
) -> Transform:
    """What turns any rows of these features into what a model is trained on.

    as_bytes: whether the features are bytes in all splits, which are kept. kinds: of some columns, as a form
    says them. left_out: those of the table that are not among the features.
    """
    if isinstance(train, Columns):
        return TableTransform.fit(train, kinds or {}, standardise, left_out)
    standard = Standard.fit(as_rows(train)) if standardise else None
    notes = (_NO_BYTES,) if standardise and not as_bytes and train.ndim in _IMAGES else ()
    return NumberTransform(train.shape[1:] or (1,), bytes=as_bytes, standard=standard, notes=notes)


def fit_target(train: Quantities, *, standardise: bool) -> Standard:
    """Shift and scale of a regression's target. Raises `Unusable` on one that is constant."""
    if train.min() == train.max():
        rule = f"is {train[0]:g} in every row of the training split, so there is nothing to learn"
        raise Unusable(rule, "give a target that varies, and enough rows of it", "labels")
    return Standard.fit(train[:, None]) if standardise else Standard()


def scaled_target(standard: Standard, y: Quantities) -> Quantities:
    """The target of any rows as a model learns it. Raises `Unusable` where float32 cannot hold it."""
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = standard(y)
    # A deviation beyond float64 is infinite, and would hide in a target of zeros.
    if not np.isfinite(standard.scale).all() or not (np.abs(scaled) <= _LARGEST).all():
        fix = "rescale them, or take their logarithm"
        raise Unusable("has labels too large for float32", fix, "labels")
    return scaled
