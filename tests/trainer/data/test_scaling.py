"""Bytes stay bytes until a model sees them."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from trainer import Dataset, load_data
from trainer.data import Scaling
from trainer.data.scaling import Standard

FLOAT = np.finfo(np.float32)
ROWS = arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=40))


@pytest.fixture
def images(tmp_path):
    """200 images of 3 × 4 bytes; one pixel is constant, one but for a single image."""
    x = np.random.default_rng(0).integers(0, 256, (200, 3, 4), dtype=np.uint8)
    x[:, 0, 0], x[:, 0, 1], x[7, 0, 1] = 9, 3, 200
    np.savez(tmp_path / "images.npz", x=x, y=np.arange(200) % 4)
    return {"path": str(tmp_path / "images.npz")}


@given(ROWS, st.integers(0, 9))
def test_scaled_is_the_formula_within_rounding(x, seed):
    rng = np.random.default_rng(seed)
    factor, offset = rng.normal(size=(2, x.shape[1])).astype(np.float32)
    scaled = Scaling(factor, offset)(x)
    product = x * factor.astype(np.float64)
    # One rounding of the product, which the sum keeps, and one of the sum.
    bound = (np.abs(product) + np.abs(product + offset)) * FLOAT.eps / 2 * (1 + FLOAT.eps) + FLOAT.tiny
    assert scaled.dtype == np.float32
    assert scaled.flags.c_contiguous
    assert (np.abs(scaled - (product + offset)) <= bound).all()


@given(ROWS)
def test_standardised_bytes(x):
    standard = Standard.fit(x)
    scaled = standard.scaling()(x).astype(np.float64)
    spread = np.where(np.isinf(standard.scale), 1, standard.scale)
    # Four roundings, of factor, offset, product and sum, none of a number above 2 · 255 / deviation.
    assert (np.abs(scaled - standard(x)) <= 4 * FLOAT.eps / 2 * 2 * 255 / spread).all()
    assert (scaled[:, np.ptp(x, axis=0) == 0] == 0).all()


def test_bytes_are_kept_and_lie_in_0_to_1(images):
    data = load_data(images)
    assert all(x.dtype == np.uint8 and x.flags.c_contiguous for x, _ in data.splits)
    assert data.features == 12
    some = data.x_train[[5, 0, 5]]
    np.testing.assert_allclose(data.scaled(some), some / 255, rtol=FLOAT.eps)
    for row in np.arange(len(data.x_test)):
        assert np.array_equal(data.scaled(data.x_test[row : row + 1])[0], data.scaled(data.x_test)[row])


def test_standardise_is_fitted_on_the_training_split(images):
    data = load_data({**images, "standardise": True})
    assert data.x_train.dtype == np.uint8
    train = data.scaled(data.x_train).astype(np.float64)
    # 255 numbers of at most 255 deviations would sum up to this; these are far fewer and smaller.
    np.testing.assert_allclose(train[:, 2:].mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(train[:, 2:].std(axis=0), 1, atol=1e-6)
    assert all((data.scaled(x)[:, 0] == 0).all() for x, _ in data.splits)


def test_a_pixel_constant_in_training_is_0_elsewhere(images):
    for seed in range(20):
        data = load_data({**images, "standardise": True}, seed=seed)
        if np.ptp(data.x_train[:, 1]) == 0:
            assert all((data.scaled(x)[:, 1] == 0).all() for x, _ in data.splits)
            return
    raise AssertionError("no seed left the one image out of training")


def test_floats_are_scaled_already(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.random.default_rng(0).normal(5, 3, (60, 2)), y=np.arange(60) % 2)
    data = load_data({"path": str(tmp_path / "a.npz")})
    assert data.x_train.dtype == np.float32
    assert data.scaled(data.x_train) is data.x_train
    sent = pickle.loads(pickle.dumps(data))  # noqa: S301 - our own bytes
    assert sent.scaled(sent.x_train) is sent.x_train
    np.testing.assert_allclose(data.x_train.mean(axis=0), 0, atol=1e-6)


def test_bytes_beside_floats_are_floats(tmp_path):
    x, y = np.arange(60).reshape(30, 2), np.arange(30) % 2
    np.savez(tmp_path / "a.npz", x_train=x.astype(np.uint8), y_train=y, x_test=x / 7, y_test=y)
    data = load_data({"path": str(tmp_path / "a.npz")})
    assert [x.dtype for x, _ in data.splits] == [np.float32] * 3


def test_a_dataset_of_ones_own_is_not_scaled():
    x, y = np.arange(8, dtype=np.uint8).reshape(4, 2), np.array([0, 1, 0, 1])
    data = Dataset(x, y, x, y, x, y, ("a", "b"))
    assert (data.task, data.outputs, data.unit) == ("classification", 2, 1.0)
    scaled = data.scaled(x[:, ::-1])
    assert scaled.dtype == np.float32
    assert scaled.flags.c_contiguous
    assert np.array_equal(scaled, x[:, ::-1])
