"""Quantities: the finite numbers that a regression predicts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.data.labels import are_numbers
from trainer.data.scaling import Standard
from trainer.data.source import Source
from trainer.data.split import random_split
from trainer.data.targets import SplitTargets, one_per_example

_LARGEST = float(np.finfo(np.float32).max)  # what a model may have to predict

Quantities = NDArray[np.float64]


def quantity_targets(
    source: Source, fractions: Sequence[float], seed: int, standardise: bool
) -> SplitTargets:
    """Quantities in random splits, with mean 0 and deviation 1 on the training split if standardised.

    Raises `DataError` on what is missing, infinite or no number, on too few examples, and on a target
    that is constant on the training split.
    """
    y, *rest = [_clean(source, part.y, len(part.x)) for part in source.parts]
    if len(y) <= len(fractions):
        rule = f"has {len(y)} examples, too few for {1 + len(fractions)} splits"
        raise source.error(rule, "give at least one example for each split")
    rows = random_split(len(y), fractions, seed)
    splits = [*(y[r] for r in rows), *rest]
    _check_varies(source, splits[0])
    standard = Standard.fit(splits[0][:, None]) if standardise else Standard()
    scaled = [_scaled(source, part, standard) for part in splits]
    return SplitTargets(rows, scaled, unit=float(standard.scale[0]))


def _clean(source: Source, y: NDArray[Any], examples: int) -> Quantities:
    y = one_per_example(source, y, examples)
    if y.dtype.kind not in "iuf" and not are_numbers(y):
        rule = f"holds labels that are no numbers, such as {y[0]}"
        raise source.label_error(rule, "give quantities, or write task: classification")
    quantities = y.astype(np.float64)
    infinite = ~np.isfinite(quantities)
    if infinite.any():
        rule = f"has {int(infinite.sum())} infinite labels"
        raise source.label_error(rule, "drop the rows of these labels")
    return quantities


def _check_varies(source: Source, y: Quantities) -> None:
    if y.min() == y.max():
        rule = f"is {y[0]:g} in every row of the training split, so there is nothing to learn"
        raise source.label_error(rule, "give a target that varies, and enough rows of it")


def _scaled(source: Source, y: Quantities, standard: Standard) -> Quantities:
    with np.errstate(over="ignore", invalid="ignore"):
        scaled = standard(y)
    # A deviation beyond float64 is infinite, and would hide in a target of zeros.
    if not np.isfinite(standard.scale).all() or not (np.abs(scaled) <= _LARGEST).all():
        rule = "has labels too large for float32"
        raise source.label_error(rule, "rescale them, or take their logarithm")
    return scaled
