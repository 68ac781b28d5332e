"""What a reader found: typed columns or an array with its shape, beside their labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from trainer.data.read.columns import Columns, LeftOut

Features: TypeAlias = Columns | NDArray[Any]
"""Typed columns, one row per example, or an array whose first axis counts the examples, such as images."""


class Part(NamedTuple):
    """x: features of m examples. y: their labels, of any kind, shape (m,)."""

    x: Features
    y: NDArray[Any]


@dataclass(frozen=True, eq=False)
class Source:
    """Examples and labels as they were found.

    whole: what is to be split. test: a test split that the source brings along.
    classes: the names of the labels 0, 1, …; () where the labels are names or numbers themselves.
    scaled: whether the features are on one scale already, so that they are left as they are by default.
    hints: what the user should know about how the source was read, a sentence each.
    beside: columns that are no features and say how to split, by name, as long as the whole.
    left_out: columns that are no features, each with the reason.
    """

    whole: Part
    test: Part | None = None
    classes: tuple[str, ...] = ()
    scaled: bool = False
    hints: tuple[str, ...] = ()
    beside: Mapping[str, pa.ChunkedArray] = field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        return (self.whole,) if self.test is None else (self.whole, self.test)

    @property
    def is_bytes(self) -> bool:
        """Whether the features are arrays of bytes, as the pixels of images are."""
        return all(isinstance(part.x, np.ndarray) and part.x.dtype == np.uint8 for part in self.parts)

    @property
    def standardise(self) -> bool:
        """Whether features are standardised where the form does not say.

        Pixels are not: one that is nearly constant would be blown up by its small deviation.
        """
        return not (self.scaled or self.is_bytes)
