"""exp and tanh against NumPy in a wider type."""

import numba
import numpy as np
import pytest

from trainer.compiled.elementary import exp_, tanh_


@numba.njit
def exp_of(x):
    exp_(x)


@numba.njit
def tanh_of(x):
    tanh_(x)


def errors(function, wide, x):
    """In units in the last place of the right value."""
    found, right = x.copy(), wide(x.astype(np.longdouble))
    function(found)
    return np.abs(found - right) / np.spacing(np.abs(right).astype(x.dtype))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_they_are_exact_to_a_few_units_in_the_last_place(dtype):
    x = np.concatenate([np.linspace(-30, 30, 40_001), np.geomspace(1e-30, 1, 5001)]).astype(dtype)
    assert errors(exp_of, np.exp, x).max() < 2
    assert errors(tanh_of, np.tanh, x).max() < 3


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_ends(dtype):
    x = np.array([np.nan, np.inf, -np.inf, 1e4, -1e4, 0], dtype)
    exponential, tangent = x.copy(), x.copy()
    exp_of(exponential)
    tanh_of(tangent)
    assert np.isnan(exponential[0])
    assert np.isfinite(exponential[1:]).all()
    assert (exponential[[1, 3]] > 1e37).all()
    assert (exponential[[2, 4]] < 1e-37).all()
    assert exponential[5] == 1
    np.testing.assert_array_equal(tangent, np.array([np.nan, 1, -1, 1, -1, 0], dtype))
