"""Fashion-MNIST, from small files of the same form."""

import gzip
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from tests.trainer.data.images import ARRAYS, X_TEST, Y_TEST, X, Y, fill, form, idx
from trainer import DataError, load_data
from trainer.data.read import named
from trainer.data.read.idx import read_idx


def is_fashion(data):
    """Whether it is what `ARRAYS` hold, split."""
    rows = {x.tobytes(): int(y) for x, y in zip(X, Y, strict=True)}
    found = [(x.tobytes(), y) for split, ys in data.splits[:2] for x, y in zip(split, ys, strict=True)]
    right = dict(found) == rows and np.array_equal(data.x_test, X_TEST.reshape(20, 784))
    return right and np.array_equal(data.y_test, Y_TEST) and data.x_train.dtype == np.uint8


@given(arrays(np.uint8, array_shapes(min_side=0, max_dims=4, max_side=6)), st.booleans())
def test_idx_gives_back_what_was_written(tmp_path_factory, array, zipped):
    path = tmp_path_factory.mktemp("idx") / ("a.gz" if zipped else "a")
    path.write_bytes(gzip.compress(idx(array)) if zipped else idx(array))
    again = read_idx(path)
    assert again.dtype == np.uint8
    assert again.shape == array.shape
    assert np.array_equal(again, array)


@pytest.mark.parametrize("dot", ["-", "."])
@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_folder_of_idx_files(tmp_path, dot, suffix):
    folder = fill(tmp_path, "{}" + suffix)
    for path in folder.iterdir():
        path.rename(folder / path.name.replace("-idx", f"{dot}idx"))
    assert is_fashion(load_data(form(folder)))


def test_an_archive(tmp_path):
    np.savez_compressed(tmp_path / "fashion.npz", **ARRAYS)
    data = load_data(form("fashion.npz", validation=0.25), base=tmp_path)
    assert is_fashion(data)
    assert [len(y) for _, y in data.splits] == [30, 10, 20]
    assert data.classes[0] == "T-shirt/top"
    assert data.classes[9] == "Ankle boot"
    assert (data.outputs, data.features, data.task) == (10, 784, "classification")
    # Pixels lie in 0 … 1, and are standardised for those alone who ask.
    assert np.array_equal(data.scaling.factor, np.array([1 / 255], np.float32))
    assert load_data(form(tmp_path / "fashion.npz", standardise=True)).scaling.factor.shape == (784,)


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """The folder that stands for the place of Debian's package; there is none yet."""
    images = replace(named.IMAGE_SETS["fashion-mnist"], folder=tmp_path / "datasets")
    monkeypatch.setitem(named.IMAGE_SETS, "fashion-mnist", images)
    return images.folder


def test_debians_package(installed):
    fill(installed, "{}.gz")
    assert is_fashion(load_data("fashion-mnist"))


def test_no_package(installed):
    with pytest.raises(DataError, match="not on this machine") as raised:
        load_data("fashion-mnist")
    assert (raised.value.key, raised.value.value) == ("name", "fashion-mnist")
    assert str(installed) in raised.value.rule
    assert "apt install dataset-fashion-mnist" in raised.value.fix
    assert "path: …" in raised.value.fix


def test_where_debian_puts_it():
    assert str(named.IMAGE_SETS["fashion-mnist"].folder) == "/usr/share/datasets/fashion-mnist"
