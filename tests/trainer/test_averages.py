"""Exponentially weighted averages against their definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.averages import moving_average

EPS = np.finfo(np.float64).eps
BETAS = st.floats(0, 0.999)


def averaged(values, beta):
    average = np.zeros((1, 1))
    for x in values:
        average = moving_average(average, np.array([[x]]), np.array([1 - beta]))
    return average


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20), BETAS)
def test_weighs_each_value_by_its_age(values, beta):
    newest = len(values) - 1
    expected = sum((1 - beta) * beta ** (newest - i) * x for i, x in enumerate(values))
    # A few roundings a value, each of numbers no larger than the largest.
    assert averaged(values, beta) == pytest.approx(expected, abs=8 * len(values) * EPS * 1e6)


@given(st.floats(-1e12, 1e12), st.floats(-1e-12, 1e-12))
def test_without_memory_it_is_the_value(large, small):
    assert moving_average(np.array([[large]]), np.array([[small]]), np.ones(1)) == small


def test_each_model_has_its_memory_and_its_count():
    average, x = np.ones((3, 2)), np.full((3, 2), 3.0)
    weight = np.array([1.0, 0.5, 0.25])
    average.flags.writeable = x.flags.writeable = False
    assert np.array_equal(moving_average(average, x, weight), [[3, 3], [2, 2], [1.5, 1.5]])


def test_float32_keeps_the_weight_of_a_long_memory():
    # From 0 to 1 with β = 0.999: 1 − 0.999¹⁰, though float32's own 1 − 0.999 is off by 5e-5.
    average, x, weight = np.zeros((1, 1), np.float32), np.ones((1, 1), np.float32), np.array([1 - 0.999])
    for _ in range(10):
        average = moving_average(average, x, weight)
    assert average.dtype == np.float32
    # A rounding of the weight, and each step one of what is forgotten, of the rest and of the sum.
    assert average[0, 0] == pytest.approx(1 - 0.999**10, rel=31 * 2.0**-24)


def test_torch_tensors_average_alike():
    torch = pytest.importorskip("torch")
    average, x = np.random.default_rng(0).normal(size=(2, 3, 4))
    weight = np.array([1.0, 0.1, 0.01])
    found = moving_average(torch.tensor(average), torch.tensor(x), weight)
    assert np.array_equal(found.numpy(), moving_average(average, x, weight))
