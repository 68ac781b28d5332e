"""A column of texts that differ: their words, hashed into some features (Weinberger et al., 2009)."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from trainer.data.columns.values import coded

_WORD = re.compile(r"\w+")
_WIDTH = 64


@dataclass(frozen=True)
class Words:
    """width: the features. A word adds 1 or −1 to one of them, by its hash; n words together have length √n,
    and are divided by that.
    """

    name: str
    width: int = _WIDTH
    note: str = ""
    kind = "hash"
    text = True

    @classmethod
    def fit(cls, name: str, column: pa.ChunkedArray) -> Words | None:
        """None where no row has a text."""
        return cls(name) if coded(column).texts else None

    @property
    def features(self) -> tuple[str, ...]:
        return tuple(f"words of {self.name}, {at}" for at in range(self.width))

    def __call__(self, column: pa.ChunkedArray) -> NDArray[np.float64]:
        found = coded(column)
        rows = np.zeros((len(found.texts) + 1, self.width))  # the last is what is missing
        for row, text in zip(rows, found.texts, strict=False):
            words = _WORD.findall(text.lower())
            for word in words:
                number = zlib.crc32(word.encode())
                row[(number >> 1) % self.width] += 1 if number & 1 else -1
            row /= max(len(words), 1) ** 0.5
        return rows[found.codes]

    def plain(self) -> dict[str, Any]:
        return {"kind": self.kind, "name": self.name, "width": self.width, "note": self.note}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Words:
        return cls(plain["name"], plain["width"], plain["note"])
