"""What a reader found, before labels are counted and examples split."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

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
    """

    whole: Part
    key: str
    value: str
    test: Part | None = None
    target: str | None = None
    columns: tuple[str, ...] = ()

    @property
    def parts(self) -> tuple[Part, ...]:
        return (self.whole,) if self.test is None else (self.whole, self.test)

    def error(self, rule: str, fix: str) -> DataError:
        """The error that blames the source."""
        return DataError(self.key, self.value, rule, fix)

    def label_error(self, rule: str, fix: str) -> DataError:
        """The error that blames its labels."""
        return self.error(rule, fix) if self.target is None else DataError("target", self.target, rule, fix)

    def features(self, indices: NDArray[Any]) -> str:
        """Some features in words: by name, or by number from 0 where they have no names."""
        return shortened(self.columns[i] if self.columns else str(i) for i in indices)
