"""Splits, scaling, and the data sets that load."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer import Dataset, load_data
from trainer.data import Scaling
from trainer.data.split import random_split, stratified_split

CLASSES = st.lists(st.integers(3, 60), min_size=2, max_size=6)
FRACTION = st.floats(0.02, 0.48)


@given(CLASSES, FRACTION, FRACTION, st.integers(0, 5))
def test_stratified_splits(sizes, validation, test, seed):
    y = np.repeat(np.arange(len(sizes)), sizes)[np.random.default_rng(seed).permutation(sum(sizes))]
    parts = stratified_split(y, [validation, test], seed)
    assert sorted(np.concatenate(parts)) == list(range(len(y)))
    assert all((np.diff(part) > 0).all() for part in parts)
    counts = np.array([np.bincount(y[part], minlength=len(sizes)) for part in parts])
    assert (counts >= 1).all()
    for fraction, count in zip([validation, test], counts[1:], strict=True):
        exact = fraction * np.array(sizes)
        # Rounded to a neighbour, except where a class has no example to spare beside one per split.
        roomy = counts[0] > 1
        assert (np.abs(count - exact)[roomy] <= 1).all()
        if roomy.all() and (exact >= 1).all():
            assert abs(count.sum() - exact.sum()) <= 0.5 + 1e-9


@given(st.integers(3, 200), FRACTION, FRACTION, st.integers(0, 5))
def test_random_splits(m, validation, test, seed):
    parts = random_split(m, [validation, test], seed)
    assert sorted(np.concatenate(parts)) == list(range(m))
    assert all(len(part) >= 1 and (np.diff(part) > 0).all() for part in parts)
    if len(parts[0]) > 1:
        assert abs(len(parts[1]) - max(1, validation * m)) <= 0.5 + 1e-9
        assert abs(len(parts[2]) - max(1, test * m)) <= 0.5 + 1e-9


def test_what_is_left_by_rounding_goes_to_the_largest_remainders():
    # A quarter of 10, 14 and 19 is 2.5, 3.5 and 4.75: 11 in all, of which 9 are whole.
    y = np.repeat([0, 1, 2], [10, 14, 19])
    assert np.bincount(y[stratified_split(y, [0.25], 0)[1]]).tolist() == [3, 3, 5]


def test_splits_depend_on_the_seed():
    y = np.repeat([0, 1], 30)
    one, other = stratified_split(y, [0.2], 0), stratified_split(y, [0.2], 1)
    assert np.array_equal(one[1], stratified_split(y, [0.2], 0)[1])
    assert not np.array_equal(one[1], other[1])


def test_digits():
    data = load_data("digits", seed=3)
    assert data.features == 64
    assert data.classes == tuple("0123456789")
    sizes = [len(x) for x, _ in data.splits]
    assert sum(sizes) == 1797
    assert (data.x_train.min(), data.x_train.max()) == (0, 1)
    assert sizes[1:] == [359, 359]
    for x, y in data.splits:
        assert x.dtype == np.float32
        assert x.flags.c_contiguous
        assert y.dtype == np.int64
        assert set(y) == set(range(10))


def save(path, **arrays):
    np.savez(path, **arrays)
    return {"path": str(path)}


def test_standardised_on_the_training_split_alone(tmp_path):
    rng = np.random.default_rng(0)
    x = rng.normal(1e6, 3.0, size=(300, 4))
    x[:, 3] = 0.1  # constant
    data = load_data(save(tmp_path / "a.npz", x=x, y=np.arange(300) % 3))
    # Rounding to float32 moves each of 180 numbers below 4 by 4·2⁻²⁴ at most.
    np.testing.assert_allclose(data.x_train[:, :3].mean(axis=0, dtype=np.float64), 0, atol=3e-7)
    np.testing.assert_allclose(data.x_train[:, :3].std(axis=0, dtype=np.float64), 1, atol=3e-7)
    assert all((x[:, 3] == 0).all() for x, _ in data.splits)
    # The others are scaled by the training split's numbers, so theirs are not 0 and 1.
    assert abs(data.x_test[:, :3].mean()) > 1e-3
    raw = load_data({**save(tmp_path / "a.npz", x=x, y=np.arange(300) % 3), "standardise": False})
    mean, deviation = raw.x_train.mean(0, dtype=np.float64), raw.x_train.std(0, dtype=np.float64)
    scaled = (raw.x_test[:, :3] - mean[:3]) / deviation[:3]
    # 1e6 has a spacing of 1/16 in float32; what was rounded there is 1/32 of a deviation of 3 off.
    np.testing.assert_allclose(data.x_test[:, :3], scaled, atol=2 / 32 / 3)


def test_unstandardised_numbers_are_as_in_the_file(tmp_path):
    x = np.arange(120, dtype=np.int16).reshape(30, 2, 2)
    form = {**save(tmp_path / "a.npz", x=x, y=np.arange(30) % 2), "standardise": False}
    data = load_data(form)
    rows = np.concatenate([part for part, _ in data.splits])
    assert sorted(map(tuple, rows)) == sorted(map(tuple, x.reshape(30, 4).astype(np.float32)))


def test_a_constant_in_training_that_varies_elsewhere_becomes_0(tmp_path):
    x = np.zeros((40, 2))
    x[:, 0] = np.arange(40)
    x[7, 1] = 5.0
    for seed in range(5):
        data = load_data(save(tmp_path / "a.npz", x=x, y=np.arange(40) % 2), seed=seed)
        constant = len(np.unique(data.x_train[:, 1])) == 1
        assert all(np.isfinite(part).all() for part, _ in data.splits)
        assert all((part[:, 1] == 0).all() == constant for part, _ in data.splits)


@pytest.mark.parametrize("unit", [1e-250, 1e-20, 1e20, 1e250])
def test_units_do_not_matter(tmp_path, unit):
    x, y = np.random.default_rng(0).normal(size=(60, 2)), np.arange(60) % 2
    plain = load_data(save(tmp_path / "a.npz", x=x, y=y))
    scaled = load_data(save(tmp_path / "a.npz", x=x * unit, y=y))
    # The unit is no power of two: one rounding of float32, and of float64 near nothing.
    np.testing.assert_allclose(scaled.x_test, plain.x_test, rtol=2**-23)


def test_a_test_split_of_its_own(tmp_path):
    rng = np.random.default_rng(0)
    x_test = rng.normal(size=(9, 5))
    form = save(
        tmp_path / "a.npz",
        x_train=rng.normal(size=(60, 5)),
        y_train=np.array(list("abc") * 20),
        x_test=x_test,
        y_test=np.array(list("aab") * 3),
    )
    data = load_data({**form, "validation": 0.1, "standardise": False})
    assert data.classes == ("a", "b", "c")
    assert [len(x) for x, _ in data.splits] == [54, 6, 9]
    assert np.array_equal(data.x_test, x_test.astype(np.float32))
    assert data.y_test.tolist() == [0, 0, 1] * 3


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".CSV"])
def test_tables(tmp_path, suffix):
    frame = pd.DataFrame(
        {
            "a": np.arange(40) * 2,
            "flag": np.arange(40) % 3 == 0,
            "kind": ["x", "y"] * 20,
            "b": np.linspace(0, 1, 40),
        }
    )
    path = tmp_path / f"table{suffix}"
    frame.to_parquet(path) if suffix == ".parquet" else frame.to_csv(path, index=False)
    form = {"path": path.name, "target": "kind", "standardise": False}
    data = load_data(form, base=tmp_path)
    assert data.classes == ("x", "y")
    assert data.features == 3
    for x, y in data.splits:
        assert np.array_equal(y, x[:, 0] / 2 % 2)
        assert np.array_equal(x[:, 1], x[:, 0] / 2 % 3 == 0)


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        ([2, 10, 2, 10], ("2", "10")),
        ([1.0, 3.0, 1.0, 3.0], ("1", "3")),
        ([True, False, True, False], ("False", "True")),
        (["no", "yes", "no", "yes"], ("no", "yes")),
    ],
)
@pytest.mark.parametrize("kind", ["npz", "parquet"])
def test_labels_of_any_kind(tmp_path, labels, classes, kind):
    y = np.array(labels * 3)
    path = tmp_path / f"a.{kind}"
    if kind == "npz":
        form = save(path, x=np.arange(12), y=y[:, None])
    else:
        pd.DataFrame({"x": np.arange(12), "y": y}).to_parquet(path)
        form = {"path": str(path), "target": "y"}
    assert load_data(form).classes == classes


def test_nullable_and_categorical_columns(tmp_path):
    frame = pd.DataFrame(
        {
            "x": pd.array([1, 2, 3, 4] * 4, dtype="Int64"),
            "y": pd.Categorical(["b", "a"] * 8, categories=["b", "a", "unused"]),
        }
    )
    frame.to_parquet(tmp_path / "t.parquet")
    assert load_data({"path": "t.parquet", "target": "y"}, base=tmp_path).classes == ("a", "b")


def test_a_dataset_checks_its_arrays():
    x, y = np.zeros((4, 2), np.float32), np.array([0, 1, 0, 1])
    Dataset(x, y, x, y, x, y, ("a", "b"))
    for wrong in (
        (x, y, x, y[:3], x, y, ("a", "b")),
        (x, y, x, y, x[:, :1], y, ("a", "b")),
        (x, y, x, y, x, y, ("a",)),
        (x, y.astype(float), x, y, x, y, ("a", "b")),
        (x.astype(int), y, x, y, x, y, ("a", "b")),
        (x.astype(np.uint8), y, x, y, x, y, ("a", "b")),
        (x, y, x, y, x, y, ()),
        (x, y * np.nan, x, y * 1.0, x, y * 1.0, ()),
        (x, y * 1.0, x, y * 1.0, x, y * 1.0, (), Scaling(), 0.0),
        (x, y, x, y, x, y, ("a", "b"), Scaling(np.ones(3, np.float32))),
        (x, y, x, y, x, y, ("a", "b"), Scaling(offset=np.zeros(2))),
        (x, y, x[:0], y[:0], x, y, ("a", "b")),
    ):
        with pytest.raises(ValueError, match="must"):
            Dataset(*wrong)
