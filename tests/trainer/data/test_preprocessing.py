"""What lies between raw rows and a model comes back from JSON as it was."""

import json

import numpy as np

from trainer.data import Preprocessing, load_data


def reread(preprocessing):
    return Preprocessing.from_plain(json.loads(json.dumps(preprocessing.plain(), allow_nan=False)))


def test_rows_of_numbers_are_transformed_alike(tmp_path):
    rng = np.random.default_rng(0)
    x, y = rng.normal(3, 2, (60, 4)), rng.normal(10, 5, 60)
    x[:, 2] = 7
    np.savez(tmp_path / "data.npz", x=x, y=y)
    data = load_data({"path": tmp_path / "data.npz", "task": "regression"})
    known = reread(data.preprocessing)
    np.testing.assert_array_equal(np.sort(known.inputs(x), axis=0), np.sort(all_rows(data), axis=0))
    np.testing.assert_allclose(np.sort(known.quantities(targets(data))), np.sort(y), rtol=1e-12)


def test_bytes_are_scaled_alike():
    data = load_data("digits")
    known = reread(data.preprocessing)
    assert known.classes == tuple("0123456789")
    images = data.x_test.reshape(-1, *data.shape)
    np.testing.assert_array_equal(known.inputs(images), data.scaled(data.x_test))


def all_rows(data):
    return np.concatenate([data.scaled(x) for x, _ in data.splits])


def targets(data):
    return np.concatenate([y for _, y in data.splits])
