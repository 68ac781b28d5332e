"""Triangular factors of covariances, as LAPACK stores them, so that nothing is copied on the way."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lapack

Array = NDArray[np.float64]

_SMALL = 64  # rows that LAPACK inverts best


def cholesky(matrix: Array) -> Array:
    """The lower factor of a symmetric matrix, shape (n, n), which is overwritten.

    Raises `numpy.linalg.LinAlgError` where it is not positive.
    """
    if not len(matrix):
        return matrix
    # The transpose of a symmetric matrix is the same one as LAPACK stores it.
    factor, failed = lapack.dpotrf(matrix.T, lower=1, overwrite_a=1)
    if failed:
        raise np.linalg.LinAlgError(f"the covariance of {len(matrix)} results is not positive")
    return np.asarray(factor)


def solved(factor: Array, right: Array) -> Array:
    """What the lower factor, shape (n, n), times rows gives the rows of `right`, shape (m, n): they are
    overwritten."""
    if not right.size:
        return right
    return np.asarray(lapack.dtrtrs(factor, right.T, lower=1, overwrite_b=1)[0].T)


def bordered(factor: Array, across: Array, within: Array) -> Array:
    """The factor of a matrix that is larger by m rows and columns, where that of the first n is known.

    across: covariances of the new with the first, shape (m, n). within: of the new among themselves, shape
    (m, m). Both are overwritten.
    """
    n, m = len(factor), len(within)
    whole = np.zeros((n + m, n + m), order="F")
    whole[:n, :n] = factor
    whole[n:, :n] = rows = solved(factor, across)
    within -= rows @ rows.T
    whole[n:, n:] = cholesky(within)
    return whole


def inverse(factor: Array) -> Array:
    """Of the matrix that a lower factor is of, the lower half, the other one 0; shape (n, n).

    By halves: LAPACK's own inversion of a triangle takes two to three times as long from 128 rows on.
    """
    half = np.zeros_like(factor)
    _invert(factor, half)
    return np.asarray(lapack.dlauum(half, lower=1, overwrite_c=1)[0])


def _invert(factor: Array, out: Array) -> None:
    """The inverse of a lower triangle."""
    n = len(factor)
    if n <= _SMALL:
        out[:] = lapack.dtrtri(factor, lower=1)[0]
        return
    first, last = slice(0, n // 2), slice(n // 2, n)
    for part in (first, last):
        _invert(factor[part, part], out[part, part])
    np.negative(out[last, last] @ (factor[last, first] @ out[first, first]), out=out[last, first])
