"""Quantities as targets."""

import numpy as np
import pandas as pd
import pytest

from trainer import DataError, load_data
from trainer.data import Dataset

X = np.random.default_rng(0).normal(size=(80, 3))
Y = 1000 + 50 * X[:, 0]


def save(folder, y=Y, x=X, **more):
    np.savez(folder / "a.npz", x=x, y=y, **more)
    return {"path": str(folder / "a.npz"), "task": "regression"}


def rows_of(data):
    """The rows of X that each split has, told by their features."""
    return [[int(np.abs(X - x).sum(axis=1).argmin()) for x in split] for split, _ in data.splits]


def test_quantities_are_standardised_on_the_training_split(tmp_path):
    data = load_data(save(tmp_path))
    assert (data.task, data.classes, data.outputs) == ("regression", (), 1)
    assert all(y.dtype == np.float64 and y.shape == (len(x),) for x, y in data.splits)
    # Sums of 48 numbers of order 1, each rounded once.
    np.testing.assert_allclose([data.y_train.mean(), data.y_train.std() - 1], 0, atol=1e-13)
    mean = np.concatenate([y for _, y in data.splits]).mean()
    assert abs(mean) > 1e-6
    # An error in y is an error in the target's own unit: the differences of y show it.
    raw = load_data({**save(tmp_path), "standardise": False})
    assert data.unit == pytest.approx(raw.y_train.std())
    assert raw.unit == 1
    np.testing.assert_allclose(np.diff(data.y_test) * data.unit, np.diff(raw.y_test), rtol=1e-12, atol=1e-10)


def test_each_row_keeps_its_target(tmp_path):
    data = load_data({**save(tmp_path), "standardise": False, "validation": 0.1, "test": 0.25}, seed=4)
    rows = rows_of(data)
    assert sorted(np.concatenate(rows)) == list(range(80))
    assert [len(part) for part in rows] == [52, 8, 20]
    for part, (_, y) in zip(rows, data.splits, strict=True):
        assert np.array_equal(y, Y[part])


def test_splits_depend_on_the_seed(tmp_path):
    form = {**save(tmp_path), "standardise": False}
    one, again, other = (rows_of(load_data(form, seed=seed)) for seed in (0, 0, 1))
    assert one == again != other


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_tables_column(tmp_path, suffix):
    frame = pd.DataFrame(X, columns=list("abc")).assign(price=np.arange(80))
    path = tmp_path / f"houses{suffix}"
    frame.to_csv(path, index=False) if suffix == ".csv" else frame.to_parquet(path)
    form = {"path": path.name, "target": "price", "task": "regression", "standardise": False}
    data = load_data(form, base=tmp_path)
    assert sorted(np.concatenate([y for _, y in data.splits])) == list(range(80))


def test_a_test_split_of_its_own(tmp_path):
    np.savez(tmp_path / "a.npz", x_train=X, y_train=Y, x_test=X[:9], y_test=Y[:9, None])
    data = load_data({"path": str(tmp_path / "a.npz"), "task": "regression"})
    assert [len(y) for _, y in data.splits] == [64, 16, 9]
    assert np.ptp((data.y_test * data.unit) - Y[:9]) == pytest.approx(0, abs=1e-9)


def test_bytes_are_left_and_their_targets_standardised(tmp_path):
    x = np.random.default_rng(0).integers(0, 256, (80, 3), dtype=np.uint8)
    data = load_data(save(tmp_path, x=x))
    assert data.x_train.dtype == np.uint8
    assert data.scaled(data.x_train).max() <= 1 + 2**-23
    assert data.unit > 1


def test_a_dataset_of_quantities():
    x, y = np.zeros((4, 2), np.float32), np.arange(4.0)
    data = Dataset(x, y, x, y, x, y, ())
    assert (data.task, data.outputs, data.unit) == ("regression", 1, 1.0)


WRONG = [
    # target, in the rule, in the fix
    (np.full(80, 3.0), "3 in every row of the training split", "varies"),
    (np.where(Y > 1000, np.nan, Y), "missing labels", "drop"),
    (np.where(np.arange(80) == 3, np.inf, Y), "1 infinite labels", "drop"),
    (np.array(["red", "blue"] * 40), "no numbers, such as red", "write task: classification"),
    (Y > 1000, "no numbers, such as", "write task: classification"),
    (Y + 1j, "no numbers, such as", "write task: classification"),
    (Y[:-1], "(79,) for 80 examples", "one label"),
    (np.where(np.arange(80) % 2, 1.5e308, -1.5e308), "too large", "rescale"),
]


@pytest.mark.parametrize(("y", "rule", "fix"), WRONG, ids=[rule for _, rule, _ in WRONG])
@pytest.mark.parametrize("standardise", [True, False])
def test_targets_that_are_no_quantities(tmp_path, y, rule, fix, standardise):
    with pytest.raises(DataError) as raised:
        load_data({**save(tmp_path, y), "standardise": standardise})
    assert raised.value.key == "path"
    assert rule in raised.value.rule
    assert fix in raised.value.fix


def test_large_quantities_need_to_be_standardised(tmp_path):
    form = save(tmp_path, Y * 1e300)
    assert load_data(form).unit > 1e301
    with pytest.raises(DataError, match="too large for float32"):
        load_data({**form, "standardise": False})


FORMS = [
    ({"name": "digits", "task": "regression"}, "whose labels are classes"),
    ({"name": "fashion-mnist", "task": "regression"}, "whose labels are classes"),
    ({"path": "a.npz", "task": "regresion"}, "is not a task"),
    ({"path": "a.npz", "task": 3}, "is not a task"),
]


@pytest.mark.parametrize(("form", "rule"), FORMS)
def test_tasks_that_cannot_be(form, rule):
    with pytest.raises(DataError, match=rule) as raised:
        load_data(form)
    assert raised.value.key == "task"


def test_too_few_examples(tmp_path):
    with pytest.raises(DataError, match="2 examples, too few for 3 splits"):
        load_data(save(tmp_path, x=X[:2], y=Y[:2]))
