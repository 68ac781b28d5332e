"""Piecewise-linear encoding of numbers: how far a number has come through each of its bins."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trainer.examples import blobs
from trainer.data.bins import Bins, bins_of


def test_each_bin_says_how_far_a_number_has_come():
    bins = Bins.fit(np.arange(9, dtype=np.float32)[:, None], 2)
    found = bins(np.array([[-5], [0], [1], [4], [6], [8], [99]], np.float32))
    assert found[:, 0].tolist() == [-5, 0, 1, 4, 6, 8, 99]
    assert found[:, 1:].tolist() == [[0, 0], [0, 0], [0.25, 0], [1, 0], [1, 0.5], [1, 1], [1, 1]]


def test_features_of_two_values_have_none():
    x = np.array([[0, 5, 1], [1, 5, 2], [1, 5, 3], [0, 5, 4]], np.float32)
    assert set(Bins.fit(x, 4).feature.tolist()) == {2}
    assert len(Bins.fit(x[:, :2], 4)) == 0
    assert Bins.fit(x[:, :2], 4)(x) is x


def test_bins_of_equal_ends_are_one():
    x = np.array([0] * 90 + [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], np.float32)[:, None]
    assert 1 <= len(Bins.fit(x, 8)) < 8


@given(st.lists(st.floats(-(2**99), 2**99, width=32), min_size=3, max_size=40), st.integers(1, 12))
def test_laws(values, count):
    """On the training rows: within 0 and 1, rising with the number, and all of 0 … 1 at its ends."""
    x = np.sort(np.array(values, np.float32))[:, None]
    bins = Bins.fit(x, count)
    through = bins(x)[:, 1:]
    assert len(bins) <= count
    assert np.isfinite(through).all()
    assert ((through >= 0) & (through <= 1)).all()
    assert (np.diff(through, axis=0) >= 0).all()


def test_they_come_back_from_arrays():
    bins = bins_of(blobs(), 4)
    again = Bins.from_arrays(bins.arrays())
    assert np.array_equal(again(blobs().x_test), bins(blobs().x_test))
    assert len(Bins.from_arrays({})) == 0
    for name in bins.arrays():
        broken = bins.arrays()
        del broken[name]
        with pytest.raises(ValueError, match="not the parts of bins"):
            Bins.from_arrays(broken)


def test_images_have_none():
    data = blobs()
    assert len(bins_of(data, 4)) > 0
    assert len(bins_of(replace(data, shape=(1, data.features)), 4)) == 0


def test_of_a_data_set_they_are_fitted_once():
    data = blobs()
    assert bins_of(data, 4) is bins_of(data, 4)
    assert len(bins_of(data, 0)) == 0
