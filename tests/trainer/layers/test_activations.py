"""Activations: their values, their derivatives and what they do to 0 and to NaN."""

import numpy as np
import pytest

from tests.trainer.libraries import DEVICES, backend, host
from trainer.layers.activation import ACTIVATIONS

UNIT = 2.0**-53  # float64's rounding unit
FORMULAS = {
    "relu": lambda z: np.where(z > 0, z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "tanh": lambda z: 1 - 2 / (np.exp(2 * z) + 1),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
}
# 3 models of 4 units, 6 examples; none within 0.01 of a kink at 0.
Z = np.random.default_rng(0).normal(size=(3, 4, 6)) * 3
Z += 0.01 * np.sign(Z)


def forward(name, z, device="cpu"):
    return host(ACTIVATIONS[name].forward(backend(device).array(z.copy())))


def test_all_are_here():
    assert set(FORMULAS) == set(ACTIVATIONS)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("name", FORMULAS)
def test_values_are_the_formulas(name, device):
    # The formulas for tanh and sigmoid have an exponential within 2e = 2·10 of its argument's roundings.
    np.testing.assert_allclose(forward(name, Z, device), FORMULAS[name](Z), rtol=0, atol=40 * UNIT)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("name", FORMULAS)
def test_backward_equals_central_differences(name, device):
    array, h = backend(device).array, 1e-5
    dA = np.random.default_rng(1).normal(size=Z.shape)
    found = ACTIVATIONS[name].backward(array(dA.copy()), array(forward(name, Z)))
    slope = (FORMULAS[name](Z + h) - FORMULAS[name](Z - h)) / (2 * h)
    # Rounding of A, whose values are below 15, over h, and h²·g‴/6 with g‴ at most 2; dA is below 5.
    bound = 5 * (15 * 2 * UNIT / h + h**2)
    np.testing.assert_allclose(host(found), dA * slope, rtol=0, atol=bound)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("name", FORMULAS)
def test_the_flag_tells_whether_zero_stays_zero(name, device, dtype):
    at_zero = forward(name, np.zeros((1, 1, 1), dtype), device)
    assert at_zero.dtype == dtype
    assert ACTIVATIONS[name].zero_at_zero == (at_zero[0, 0, 0] == 0)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("name", FORMULAS)
def test_nan_stays_nan_so_that_divergence_is_seen(name, device):
    z = np.array([[[np.nan, 1.0, -1.0]]])
    assert np.isnan(forward(name, z, device)).tolist() == [[[True, False, False]]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("name", FORMULAS)
def test_the_largest_numbers_do_not_overflow(name, device, dtype):
    huge = np.finfo(dtype).max / 4
    found = forward(name, np.array([[[huge, -huge]]], dtype), device)
    ends = {"relu": [huge, 0], "leaky_relu": [huge, dtype(0.01) * -huge], "tanh": [1, -1], "sigmoid": [1, 0]}
    # 0.01 itself is rounded in float32.
    np.testing.assert_allclose(found[0, 0], np.array(ends[name], dtype), rtol=np.finfo(dtype).eps)
    slope = ACTIVATIONS[name].backward(np.ones((1, 1, 2), dtype), found.copy())
    assert (slope[0, 0] == np.array({"relu": [1, 0], "leaky_relu": [1, 0.01]}.get(name, [0, 0]), dtype)).all()
