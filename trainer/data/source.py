"""What a reader found, before labels are counted and examples split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from trainer.errors import DataError, shortened


class Part(NamedTuple):
    """x: numbers or bools, one example per row, shape (m, …). y: labels of any kind, shape (m,)."""

    x: NDArray[Any]
    y: NDArray[Any]


@dataclass(frozen=True, eq=False)
class Source:
    """Examples and labels as they were found, and whom to blame for them.

    whole: what is to be split. test: a test split that the source brings along.
    key, value: the part of the form that names the source, such as "path" and "table.csv".
    target: the column of the labels, None where there are no columns. columns: the features' names.
    classes: the names of the labels 0, 1, …; () where the labels are names or numbers themselves.
    scaled: whether the features are on one scale already, so that they are left as they are by default.
    """

    whole: Part
    key: str
    value: str
    test: Part | None = None
    target: str | None = None
    columns: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    scaled: bool = False

    @property
    def parts(self) -> tuple[Part, ...]:
        return (self.whole,) if self.test is None else (self.whole, self.test)

    @property
    def is_bytes(self) -> bool:
        """Whether all features are bytes, as the pixels of images are."""
        return all(part.x.dtype == np.uint8 for part in self.parts)

    @property
    def standardise(self) -> bool:
        """Whether features are standardised where the form does not say.

        Pixels are not: one that is nearly constant would be blown up by its small deviation.
        """
        return not (self.scaled or self.is_bytes)

    def error(self, rule: str, fix: str) -> DataError:
        """The error that blames the source."""
        return DataError(self.key, self.value, rule, fix)

    def label_error(self, rule: str, fix: str) -> DataError:
        """The error that blames its labels."""
        return self.error(rule, fix) if self.target is None else DataError("target", self.target, rule, fix)

    def features(self, indices: NDArray[Any]) -> str:
        """Some features in words: by name, or by number from 0 where they have no names."""
        return shortened(self.columns[i] if self.columns else str(i) for i in indices)
