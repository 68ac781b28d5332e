"""Features: rows of finite numbers; bytes stay bytes, all others become float32."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.data.scaling import BYTES, Matrix, Scaling, Standard, blocks
from trainer.data.source import Source


def as_matrix(source: Source, x: NDArray[Any]) -> Matrix:
    """The examples as finite numbers of shape (m, features); further axes are flattened.

    Raises `DataError` on what is no number, missing or infinite.
    """
    if x.dtype.kind not in "biuf":
        raise source.error(f"has features of type {x.dtype}", "store them as numbers")
    if x.ndim == 0 or x.size == 0:
        raise source.error(f"has examples of shape {x.shape}", "give at least one row and one feature")
    matrix = x.reshape(len(x), -1)
    if matrix.dtype.kind == "f":
        rule, fix = "has missing or infinite values", "fill them in, or drop those columns or rows"
        _check_finite(source, matrix, rule, fix)
    return matrix


def scaled_splits(
    source: Source, splits: Sequence[Matrix], standardise: bool
) -> tuple[list[Matrix], Scaling]:
    """The splits as they are kept, and the scaling that is left to do on them.

    splits: training first; it alone says how features are standardised. Bytes are kept, to be scaled
    when a model sees them; other numbers are scaled here. Raises `DataError` on numbers that float32
    cannot hold.
    """
    standard = Standard.fit(splits[0]) if standardise else Standard()
    if source.is_bytes:
        scaling = standard.scaling() if standardise else BYTES
        return [np.ascontiguousarray(x) for x in splits], scaling
    return [_scaled(source, x, standard) for x in splits], Scaling()


def _scaled(source: Source, x: Matrix, standard: Standard) -> NDArray[np.float32]:
    scaled, at = np.empty(x.shape, np.float32), 0
    with np.errstate(over="ignore", invalid="ignore"):
        for block in blocks(x):
            scaled[at : at + len(block)] = standard(block)
            at += len(block)
    fix = "rescale them, or take their logarithm"
    _check_finite(source, scaled, "has numbers too large for float32", fix)
    return scaled


def _check_finite(source: Source, x: Matrix, rule: str, fix: str) -> None:
    bad = np.flatnonzero(~np.isfinite(x).all(axis=0))
    if len(bad):
        raise source.error(f"{rule} in the features {source.features(bad)}", fix)
