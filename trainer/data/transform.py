"""The last stage: what was fitted on the training split turns features into rows of numbers.

Bytes stay bytes, all others become float32.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from trainer.data.features import as_rows
from trainer.data.read.columns import Columns
from trainer.data.read.source import Features
from trainer.data.scaling import BYTES, Matrix, Scaling, Standard, blocks
from trainer.errors import Unusable, shortened


class Transform(Protocol):
    """Turns features as a reader gives them, of any rows, into what a model is trained on.

    It holds plain numbers, texts and arrays alone, so that it can be saved beside a model.
    """

    @property
    def scaling(self) -> Scaling:
        """What is left to do when a model sees the rows."""
        ...

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one example."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know of how features are read, a sentence each."""
        ...

    def __call__(self, x: Features) -> Matrix:
        """Shape (m, features), C-contiguous. Raises `Unusable` on what it was not fitted for."""
        ...

    def plain(self) -> dict[str, Any]:
        """In what JSON can hold, with its `kind`."""
        ...

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Transform:
        """The reverse of `plain`."""
        ...


@dataclass(frozen=True, eq=False)
class NumberTransform:
    """Each feature is a number that is shifted and scaled by itself.

    shape: of one example. bytes: whether they are bytes, which are kept and scaled when a model sees them.
    standard: shift and scale; None leaves numbers as they are, and brings bytes to 0 … 1. resized: whether
    pictures are resized to the shape.
    """

    shape: tuple[int, ...]
    bytes: bool = False
    standard: Standard | None = None
    notes: tuple[str, ...] = ()
    resized: bool = False

    @property
    def scaling(self) -> Scaling:
        if not self.bytes:
            return Scaling()
        return BYTES if self.standard is None else self.standard.scaling()

    def __call__(self, x: Features) -> Matrix:
        rows = self._rows(x)
        if self.bytes:
            return np.ascontiguousarray(rows)
        standard = self.standard or Standard()
        scaled, at = np.empty(rows.shape, np.float32), 0
        with np.errstate(over="ignore", invalid="ignore"):
            for block in blocks(rows):
                scaled[at : at + len(block)] = standard(block)
                at += len(block)
        self._check_finite(scaled)
        return scaled

    def plain(self) -> dict[str, Any]:
        return {
            "kind": "numbers",
            "shape": list(self.shape),
            "bytes": self.bytes,
            "standard": None if self.standard is None else self.standard.plain(),
            **({"resized": True} if self.resized else {}),
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> NumberTransform:
        standard = plain["standard"]
        return cls(
            shape=tuple(plain["shape"]),
            bytes=plain["bytes"],
            standard=None if standard is None else Standard.from_plain(standard),
            resized=bool(plain.get("resized", False)),
        )

    def _rows(self, x: Features) -> Matrix:
        if isinstance(x, Columns) or math.prod(x.shape[1:]) != math.prod(self.shape):
            raise Unusable(f"has examples of shape {x.shape[1:]}", f"give examples of shape {self.shape}")
        return as_rows(x)

    def _check_finite(self, x: NDArray[np.float32]) -> None:
        bad = np.flatnonzero(~np.isfinite(x).all(axis=0))
        if len(bad):
            rule = f"has numbers too large for float32 in the features {shortened(bad)}"
            raise Unusable(rule, "rescale them, or take their logarithm")
