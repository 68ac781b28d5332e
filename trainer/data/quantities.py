"""Quantities: the finite numbers that a regression predicts."""

from __future__ import annotations

import numbers
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from trainer.data.labels import all_are, one_per_example
from trainer.data.read.source import Part
from trainer.errors import Unusable, in_words


def quantities(part: Part) -> NDArray[np.float64]:
    """A part's labels as numbers. Raises `Unusable` on what is missing, infinite or no number."""
    y = one_per_example(part)
    if y.dtype.kind not in "iuf" and not all_are(y, numbers.Real, Decimal):
        rule = f"holds labels that are no numbers, such as {in_words(y[0])}"
        raise Unusable(rule, "give quantities, or write task: classification", "labels")
    found = y.astype(np.float64)
    infinite = ~np.isfinite(found)
    if infinite.any():
        rule = f"has {int(infinite.sum())} infinite labels"
        raise Unusable(rule, "drop the rows of these labels", "labels")
    return found
