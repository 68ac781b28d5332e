"""Read, split, fit, transform: what each stage gives, apart from the others."""

import doctest

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import trainer.data.dataset
import trainer.data.load
import trainer.errors
from trainer import DataError, Dataset, load_data
from trainer.data.fit import fit_features
from trainer.data.read.columns import Columns
from trainer.data.read.formats import read_file
from trainer.data.read.npz import read_npz
from trainer.data.read.table import Wanted
from trainer.errors import Unusable


@pytest.mark.parametrize("module", [trainer.errors, trainer.data.load, trainer.data.dataset])
def test_examples_in_docstrings(module):
    tried = doctest.testmod(module)
    assert tried.attempted
    assert not tried.failed


def test_images_keep_their_shape(tmp_path):
    x = np.random.default_rng(0).integers(0, 256, (40, 3, 4), dtype=np.uint8)
    np.savez(tmp_path / "a.npz", x=x, y=np.arange(40) % 2)
    assert read_npz(tmp_path / "a.npz").whole.x.shape == (40, 3, 4)
    data = load_data({"path": str(tmp_path / "a.npz")})
    assert (data.shape, data.features) == ((3, 4), 12)
    images = {image.tobytes() for image in x}
    assert all(row.reshape(data.shape).tobytes() in images for row in data.x_test)
    assert load_data("digits").shape == (8, 8)


def test_the_shape_of_a_table_and_of_ones_own_arrays():
    x, y = np.zeros((4, 6), np.float32), np.array([0, 1, 0, 1])
    assert Dataset(x, y, x, y, x, y, ("a", "b")).shape == (6,)
    assert Dataset(x, y, x, y, x, y, ("a", "b"), shape=(2, 3)).shape == (2, 3)
    with pytest.raises(DataError, match="must be the shape of one example"):
        Dataset(x, y, x, y, x, y, ("a", "b"), shape=(2, 2))


def test_readers_know_nothing_of_specs(tmp_path):
    pd.DataFrame({"a": range(5), "label": list("xyxyx")}).to_csv(tmp_path / "t.csv", index=False)
    source = read_file(tmp_path / "t.csv", Wanted("label", as_text=True))
    assert source.whole.x.names == ("a",)
    assert source.whole.y.tolist() == list("xyxyx")
    with pytest.raises(Unusable) as raised:
        read_file(tmp_path / "t.csv", Wanted("lable", as_text=True))
    assert raised.value.about == "labels"


def test_what_is_fitted_on_training_transforms_any_rows():
    rng = np.random.default_rng(0)
    numbers = rng.normal(50, 3, size=(40, 2))
    table = columns(numbers, ("a", "b"))
    train = table[np.arange(30)]
    transform = fit_features(train, standardise=True)
    rows = transform(table)
    mean, deviation = numbers[:30].mean(axis=0), numbers[:30].std(axis=0)
    np.testing.assert_allclose(rows, (numbers - mean) / deviation, rtol=1e-6, atol=1e-6)
    assert rows.dtype == np.float32
    assert np.array_equal(transform(table[np.array([35])]), rows[35:36])
    assert np.array_equal(transform(columns(numbers[:, ::-1], ("b", "a"))), rows)
    with pytest.raises(Unusable, match="lacks the features b"):
        transform(columns(numbers, ("a", "c")))


def columns(numbers, names):
    return Columns(pa.table(dict(zip(names, numbers.T, strict=True))))


def test_bytes_are_scaled_when_a_model_sees_them():
    images = np.arange(48, dtype=np.uint8).reshape(4, 3, 4)
    transform = fit_features(images, standardise=False, as_bytes=True)
    assert transform.shape == (3, 4)
    assert np.array_equal(transform(images), images.reshape(4, 12))
    np.testing.assert_allclose(transform.scaling(transform(images)), images.reshape(4, 12) / 255, rtol=1e-6)
    with pytest.raises(Unusable, match=r"examples of shape \(4, 4\)"):
        transform(images.reshape(3, 4, 4))
