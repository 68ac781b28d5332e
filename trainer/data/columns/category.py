"""A column of few different values: one feature for each; rare ones and new ones share one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from trainer.data.columns.values import Coded, as_typed, coded, is_text

MOST = 100  # features of one column
_RAREST = 3  # rows of a value, at least, or
_RARE = 1e-3  # of all rows


@dataclass(frozen=True)
class Category:
    """values: those that have a feature, the most frequent first. others: whether rare ones share another,
    and those that training has never seen with them. missing: whether there is one for what is missing.

    Where two values are all there is, the second alone has a feature. text: whether training had texts, and
    not numbers or truths, whose texts are written otherwise.
    """

    name: str
    values: tuple[str, ...]
    others: bool = False
    missing: bool = False
    note: str = ""
    text: bool = True
    kind = "category"

    @classmethod
    def fit(cls, name: str, column: pa.ChunkedArray, note: str = "") -> Category | None:
        """None where there is but one value."""
        found = coded(column)
        values = frequent(found)
        missing = bool((found.codes < 0).any())
        others = len(values) < len(found.texts)
        if len(values) + missing + others < 2:
            return None
        return cls(name, values, others, missing, note, is_text(column.type))

    @property
    def features(self) -> tuple[str, ...]:
        names = [*self.values, *["another"] * self.others, *["missing"] * self.missing]
        return tuple(f"{self.name} is {value}" for value in names[self._skipped :])

    @property
    def _skipped(self) -> int:
        return int(len(self.values) + self.others + self.missing == 2)

    @cached_property
    def _at(self) -> Mapping[str, int]:
        return {value: at for at, value in enumerate(self.values)}

    def __call__(self, column: pa.ChunkedArray) -> NDArray[np.float64]:
        found = coded(column)
        texts = found.texts if self.text else [as_typed(text) for text in found.texts]
        another = len(self.values) if self.others else -1
        missing = len(self.values) + self.others if self.missing else -1
        place = np.array([self._at.get(text, another) for text in texts], np.int64)
        places = found.look_up(place, missing)
        width = len(self.values) + self.others + self.missing
        # A place of −1, of what training never had, is the last row: zeros.
        one_hot = np.vstack([np.eye(width), np.zeros(width)])
        features: NDArray[np.float64] = one_hot[places][:, self._skipped :]
        return features

    def plain(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "name": self.name,
            "values": list(self.values),
            "others": self.others,
            "missing": self.missing,
            "note": self.note,
            "text": self.text,
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Category:
        others = {key: value for key, value in plain.items() if key not in ("kind", "values")}
        return cls(values=tuple(plain["values"]), **others)


def frequent(found: Coded) -> tuple[str, ...]:
    """The values that are worth a feature, the most frequent first."""
    counts = found.counts()
    least = max(_RAREST, _RARE * len(found.codes))
    order = sorted(range(len(counts)), key=lambda at: (-counts[at], found.texts[at]))
    return tuple(found.texts[at] for at in order[:MOST] if counts[at] >= least)


def covered(found: Coded) -> float:
    """The share of the rows with a value that has a feature, among those with any."""
    counts, values = found.counts(), set(frequent(found))
    known = sum(int(count) for text, count in zip(found.texts, counts, strict=True) if text in values)
    return known / max(int(counts.sum()), 1)
