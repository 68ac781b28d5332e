"""What is told of data before the start, and the baselines beside which models are seen."""

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from trainer import Dataset, load_data
from trainer.data.about.baselines import baselines

RNG = np.random.default_rng(0)
M = 300


def loaded(folder, frame, **form):
    frame.to_csv(folder / "t.csv", index=False)
    return load_data({"path": "t.csv", "target": "y", **form}, base=folder)


def test_the_linear_model_of_classes_is_scikit_learns():
    data = load_data("digits")
    found = baselines(data)["linear"]
    peer = LogisticRegression(C=1.0, max_iter=500).fit(data.scaled(data.x_train), data.y_train)
    for split, (x, y) in zip(("val", "test"), data.splits[1:], strict=True):
        log_p = peer.predict_log_proba(data.scaled(x))[np.arange(len(y)), y]
        assert found[f"{split}_loss"] == pytest.approx(-log_p.mean(), rel=0.02)
        assert found[f"{split}_accuracy"] == pytest.approx(peer.score(data.scaled(x), y), abs=0.01)


def test_the_linear_model_of_a_quantity_is_scikit_learns(tmp_path):
    frame = pd.DataFrame(RNG.normal(size=(M, 4)), columns=list("abcd"))
    data = loaded(tmp_path, frame.assign(y=10 * frame.a - 3 * frame.b + RNG.normal(size=M)))
    peer = Ridge(alpha=1.0).fit(data.scaled(data.x_train), data.y_train)
    errors = data.unit * (peer.predict(data.scaled(data.x_test)) - data.y_test)
    assert baselines(data)["linear"]["test_error"] == pytest.approx(np.sqrt(np.mean(errors**2)), rel=1e-5)


def test_the_linear_model_of_a_sorted_file_and_of_more_features_than_rows():
    y = np.repeat(np.arange(10), 2000)
    x = (np.eye(10)[y] * 3 + RNG.normal(size=(len(y), 10))).astype(np.float32)
    held_out = x[::40], y[::40]
    data = Dataset(x, y, *held_out, *held_out, classes=tuple("0123456789"))
    assert baselines(data)["linear"]["val_error"] < 0.1
    x, y = RNG.normal(size=(60, 4000)).astype(np.float32), RNG.normal(size=60)
    wide = Dataset(x, y, x[:20], y[:20], x[:20], y[:20], classes=())
    peer = Ridge(alpha=1.0).fit(x, y)
    error = np.sqrt(np.mean((peer.predict(x[:20]) - y[:20]) ** 2))
    assert baselines(wide)["linear"]["val_error"] == pytest.approx(error, rel=1e-3)


def test_the_constant_guess(tmp_path):
    y = np.array(["a", "b", "b", "b"])[np.arange(M) % 4]
    found = baselines(loaded(tmp_path, pd.DataFrame({"x": RNG.normal(size=M), "y": y})))["constant"]
    assert found["val_error"] == pytest.approx(0.25)
    assert found["val_loss"] == pytest.approx(-(0.75 * np.log(0.75) + 0.25 * np.log(0.25)))
    rng = np.random.default_rng(1)  # of its own: the tests run in any order
    quantity = loaded(tmp_path, pd.DataFrame({"x": rng.normal(size=M), "y": rng.normal(7, 2, M)}))
    found = baselines(quantity)["constant"]
    assert found["test_error"] == pytest.approx(quantity.unit * quantity.y_test.std(), rel=0.2)


def test_a_class_that_training_lacks_costs_no_warning():
    x, y = np.eye(4, dtype=np.float32), np.array([0, 1, 0, 1])
    found = baselines(Dataset(x, y, x, y + 1, x, y, classes=("a", "b", "c")))
    assert np.isfinite(found["constant"]["val_loss"])


def test_what_is_told_of_a_table(tmp_path):
    frame = pd.DataFrame({"id": range(M), "x": RNG.normal(size=M), "city": ["A", "B", "C"] * (M // 3)})
    lines = loaded(tmp_path, frame.assign(y=["no", "yes", "no"] * (M // 3))).describe().lines
    assert lines[0] == "t.csv, 300 rows: 180 to train on, 60 for validation, 60 for the test"
    assert lines[1] == "y: 2 classes, no 66.7%, yes 33.3%"
    assert lines[2] == "4 features of 2 columns: 1 number, 1 category"
    assert lines[3].startswith("left out: id is another in each row")
    assert lines[4].startswith("to beat on validation: the same guess for all rows loss 0.6365, error 0.3333")


def test_what_is_told_of_images_and_of_quantities(tmp_path):
    assert load_data("digits").describe().lines[2] == "64 features (8 × 8)"
    y = RNG.normal(size=M)
    lines = loaded(tmp_path, pd.DataFrame({"x": RNG.normal(size=M), "y": y})).describe().lines
    assert lines[1].startswith("y: a quantity from -")
