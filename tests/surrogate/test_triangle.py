"""Factors that grow by rows, and the inverse by halves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeps.surrogate.triangle import bordered, cholesky, inverse

EPS = np.finfo(np.float64).eps
ROWS = st.integers(0, 40)


def positive(rows, seed):
    """A symmetric matrix whose eigenvalues are at least 1, and at most 1 + 4 · rows."""
    x = np.random.default_rng(seed).uniform(-2, 2, (rows, rows))
    return x @ x.T / max(rows, 1) + np.eye(rows)


@given(first=ROWS, more=ROWS, seed=st.integers(0, 2**32))
def test_a_factor_that_grows_is_that_of_the_whole(first, more, seed):
    whole = positive(first + more, seed)
    factor = cholesky(whole[:first, :first].copy())
    grown = bordered(factor, whole[first:, :first].copy(), whole[first:, first:].copy())
    # The factor of a positive matrix is unique; n terms in each sum, and errors grow by the condition number.
    slack = EPS * len(whole) * (1 + 4 * len(whole)) * 4
    np.testing.assert_allclose(grown, np.linalg.cholesky(whole), rtol=0, atol=slack)


def test_no_factor_is_given_of_what_is_not_positive():
    with pytest.raises(np.linalg.LinAlgError, match="2 results is not positive"):
        cholesky(np.array([[1.0, 2.0], [2.0, 1.0]]))


@pytest.mark.parametrize("rows", [1, 2, 63, 64, 65, 129, 256])
def test_by_halves_the_inverse_is_the_inverse(rows):
    whole = positive(rows, seed=rows)
    half = inverse(cholesky(whole.copy()))
    slack = EPS * rows * (1 + 4 * rows) * 4
    np.testing.assert_allclose(half, np.tril(np.linalg.inv(whole)), rtol=0, atol=slack)
