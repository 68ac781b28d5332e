"""Turns the columns of any rows into features, as it was fitted on those of the training split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.data.columns.category import Category
from trainer.data.columns.choose import choose
from trainer.data.columns.date import Date
from trainer.data.columns.encoder import Encoder
from trainer.data.columns.number import Number
from trainer.data.columns.words import Words
from trainer.data.read.columns import Columns, LeftOut
from trainer.data.read.source import Features
from trainer.data.scaling import Matrix, Scaling
from trainer.errors import Unusable, in_words, shortened

_ENCODERS: Mapping[str, type[Encoder]] = {made.kind: made for made in (Number, Category, Date, Words)}


@dataclass(frozen=True, eq=False)
class TableTransform:
    """encoders: one for each column that is used, in order. left_out: the others. See `Transform`."""

    encoders: tuple[Encoder, ...]
    left_out: tuple[LeftOut, ...] = ()

    @classmethod
    def fit(
        cls, train: Columns, asked: Mapping[str, str], standardise: bool, left_out: Sequence[LeftOut] = ()
    ) -> TableTransform:
        """As `choose` does. left_out: other columns of the table.

        Raises `Unusable` where no column can be a feature.
        """
        encoders, useless = choose(train, asked, standardise)
        left_out = [*left_out, *useless]
        if not encoders:
            why = shortened(f"{column.name} {column.why}" for column in left_out)
            raise Unusable(f"has no column to learn from: {why}", "give at least one feature that varies")
        return cls(tuple(encoders), tuple(left_out))

    @property
    def scaling(self) -> Scaling:
        return Scaling()

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self.features),)

    @property
    def features(self) -> tuple[str, ...]:
        """Their names, in order."""
        return tuple(name for encoder in self.encoders for name in encoder.features)

    @property
    def notes(self) -> tuple[str, ...]:
        """How columns are read that are not what they seem."""
        return tuple(f"{in_words(each.name)}: {each.note}" for each in self.encoders if each.note)

    @property
    def texts(self) -> tuple[str, ...]:
        """The columns that are read as text, as training did."""
        return tuple(encoder.name for encoder in self.encoders if encoder.text)

    def __call__(self, x: Features) -> Matrix:
        if not isinstance(x, Columns):
            raise Unusable(f"has rows of shape {x.shape[1:]} without names", "give a table with columns")
        missing = [encoder.name for encoder in self.encoders if encoder.name not in x.names]
        if missing:
            raise Unusable(f"lacks the features {shortened(missing)}", "give all that were trained on")
        rows, at = np.empty((len(x), *self.shape), np.float32), 0
        for encoder in self.encoders:
            values = encoder(x.table.column(x.names.index(encoder.name)))
            with np.errstate(over="ignore"):
                rows[:, at : at + values.shape[1]] = values
            at += values.shape[1]
        self._check_finite(rows)
        return rows

    def plain(self) -> dict[str, Any]:
        return {
            "kind": "table",
            "columns": [encoder.plain() for encoder in self.encoders],
            "left_out": [list(column) for column in self.left_out],
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> TableTransform:
        encoders = [_ENCODERS[column["kind"]].from_plain(column) for column in plain["columns"]]
        return cls(tuple(encoders), tuple(LeftOut(*column) for column in plain["left_out"]))

    def _check_finite(self, rows: NDArray[np.float32]) -> None:
        bad = np.flatnonzero(~np.isfinite(rows).all(axis=0))
        if len(bad):
            names = shortened(self.features[i] for i in bad.tolist())
            rule = f"has numbers too large for float32 in the features {names}"
            raise Unusable(rule, "rescale them, or take their logarithm")
