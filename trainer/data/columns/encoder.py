"""What every kind of column offers once it has been fitted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

KINDS = ("number", "category", "date", "hash", "drop")
"""What a form may say of a column."""


class Encoder(Protocol):
    """Turns one column, of any rows, into numbers. It holds plain values alone, so that it can be saved."""

    @property
    def kind(self) -> str:
        """Among `KINDS`."""
        ...

    @property
    def name(self) -> str:
        """Of the column."""
        ...

    @property
    def features(self) -> tuple[str, ...]:
        """The names of what comes of it."""
        ...

    @property
    def text(self) -> bool:
        """Whether the column is read as text from a file, as it is written."""
        ...

    @property
    def note(self) -> str:
        """What to tell the user of it, as a clause; "" for nothing."""
        ...

    def __call__(self, column: pa.ChunkedArray) -> NDArray[np.float64]:
        """Shape (m, features). Raises `Unusable` on values of another kind."""
        ...

    def plain(self) -> dict[str, Any]:
        """In what JSON can hold, with its `kind`."""
        ...

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Encoder:
        """The reverse of `plain`."""
        ...
