"""A column of numbers: missing ones are filled in, then all are shifted and scaled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from trainer.data.columns.values import floats
from trainer.data.scaling import Standard


@dataclass(frozen=True)
class Number:
    """fill: the median of training, for what is missing. missing: whether a second feature says where.

    lenient: whether a text that is no number, as training had some, counts as missing.
    """

    name: str
    fill: float
    shift: float = 0.0
    scale: float = 1.0
    missing: bool = False
    lenient: bool = False
    note: str = ""
    kind = "number"
    text = False

    @classmethod
    def fit(
        cls, name: str, column: pa.ChunkedArray, standardise: bool, lenient: bool = False, note: str = ""
    ) -> Number | None:
        """None where there is nothing but one value, or none at all."""
        x = floats(column, name, strict=not lenient)
        known = ~np.isnan(x)
        if not known.any() or (known.all() and x.min() == x.max()):
            return None
        fill = float(np.median(x[known]))
        filled = np.where(known, x, fill)
        standard = Standard.fit(filled[:, None]) if standardise else Standard()
        shift, scale = float(standard.shift[0]), float(standard.scale[0])
        constant = not np.isfinite(scale)  # all that is known is one value: what is missing says the rest
        return cls(name, fill, shift, 1.0 if constant else scale, not known.all(), lenient, note)

    @property
    def features(self) -> tuple[str, ...]:
        return (self.name, f"{self.name} is missing") if self.missing else (self.name,)

    def __call__(self, column: pa.ChunkedArray) -> NDArray[np.float64]:
        x = floats(column, self.name, strict=not self.lenient)
        missing = np.isnan(x)
        with np.errstate(over="ignore", invalid="ignore"):
            scaled = (np.where(missing, self.fill, x) - self.shift) / self.scale
        return np.column_stack([scaled, missing] if self.missing else [scaled])

    def plain(self) -> dict[str, Any]:
        return {"kind": self.kind, **asdict(self)}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Number:
        return cls(**{key: value for key, value in plain.items() if key != "kind"})
