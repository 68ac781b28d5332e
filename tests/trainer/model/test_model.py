"""A model's own forward pass gives what training reported, from raw rows of any kind."""

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.trainer.data.test_damage import archive
from tests.trainer.examples import Job, blobs, bytes_data, line
from trainer import DataError, Model, load_data, load_model, mlp
from trainer.model.trained import preprocessing_of, trained_model

# Losses are sums over a split in float32 on either side, of terms that each have some eps's rounding.
ROUNDING = 1e-4


def trained(config, data, epochs=3, device="cpu"):
    """A model of the last epoch, and what that epoch reported."""
    job = Job(data, epochs=epochs, device=device)
    *_, row = mlp(config, job)
    return trained_model(data, [(config, job.saved)], {}), row


CONFIGS = [
    {"hidden": [8]},
    {"hidden": []},
    {"hidden": [7, 5, 4], "activation": "leaky_relu"},
    {"hidden": [8, 6], "activation": "tanh", "batch_norm": True},
    {"hidden": [8], "activation": "sigmoid", "batch_norm": True, "batch_norm_correction": False},
    {"hidden": [6, 6], "activation": "relu", "batch_norm": True, "batch_norm_epsilon": 0.1},
    {"hidden": [8], "keep_probability": 0.7, "keep_probability_0": 0.9, "l2": 0.1},
    {"hidden": [8], "dtype": "float64", "optimizer": "momentum", "learning_rate": 0.1},
    {"hidden": [7, 7, 7], "skip": True, "batch_norm": True, "weight_average": 0.9},
    {"hidden": [8], "number_bins": 5, "label_smoothing": 0.1, "weight_average": 0.99},
]


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize(
    ("data", "head"),
    [(blobs(), None), (blobs(classes=2), "logistic"), (line(), None), (bytes_data(), None)],
    ids=["softmax", "logistic", "linear", "bytes"],
)
def test_it_gives_what_training_reported(config, data, head):
    model, row = trained({**config, **({"head": head} if head else {})}, data)
    measured = model.about["metrics"]
    assert measured.keys() == {name for name in row if name.startswith(("val_", "test_"))}
    for name, value in measured.items():
        if name.endswith("accuracy"):
            assert value == row[name]
        else:
            assert value == pytest.approx(row[name], rel=ROUNDING, abs=1e-6)


@pytest.mark.parametrize(
    ("data", "metrics"),
    [
        (blobs(), ("f1", "auc", "balanced_accuracy")),
        (blobs(classes=2), ("f1", "auc")),
        (line(), ("mae", "r2")),
    ],
)
def test_further_metrics_are_those_of_training(data, metrics):
    model, row = trained({"hidden": [4]}, replace(data, metrics=metrics))
    for name in metrics:
        assert model.about["metrics"][f"test_{name}"] == pytest.approx(row[f"test_{name}"], rel=ROUNDING)


def test_a_stack_gives_the_same_model_as_the_compiled_trainer():
    data, config = blobs(), {"hidden": [8, 4], "batch_norm": True}
    compiled, _ = trained(config, data)
    pytest.importorskip("torch")
    stacked, _ = trained(config, data, device="torch-cpu")
    x = data.x_test
    np.testing.assert_allclose(stacked.predict_proba(x), compiled.predict_proba(x), atol=1e-3)


def table(folder, suffix=".csv", m=60):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"height": rng.normal(170, 10, m), "weight": rng.integers(50, 90, m)})
    frame["sort"] = np.where(frame["height"] > 170, "tall", "short")
    path = folder / f"people{suffix}"
    frame.to_csv(path, index=False) if suffix == ".csv" else frame.to_parquet(path, index=False)
    return path, frame


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    path, frame = table(tmp_path_factory.mktemp("people"))
    data = load_data({"path": str(path), "target": "sort"})
    return trained({"hidden": [8], "learning_rate": 0.05}, data, epochs=20)[0], frame


def test_rows_may_be_of_any_kind(people, tmp_path):
    model, frame = people
    expected = model.predict_proba(frame)
    assert (model.predict(frame) == frame["sort"]).mean() > 0.9
    assert model.classes == ("short", "tall")
    np.testing.assert_allclose(expected.sum(axis=1), 1)
    shuffled = frame[["weight", "height"]].assign(other="ignored")
    shuffled.to_csv(tmp_path / "new.csv", index=False)
    parquet.write_table(pa.Table.from_pandas(frame), tmp_path / "new.parquet")
    np.savez(tmp_path / "new.npz", x=frame[["height", "weight"]].to_numpy())
    for rows in (
        shuffled,
        frame.set_index("sort"),
        pa.Table.from_pandas(shuffled),
        frame[["height", "weight"]].to_numpy(),
        tmp_path / "new.csv",
        str(tmp_path / "new.parquet"),
        tmp_path / "new.npz",
    ):
        np.testing.assert_array_equal(model.predict_proba(rows), expected)


def test_missing_values_and_new_texts_are_predicted_alike_from_any_source(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"size": rng.normal(50, 20, 200), "town": rng.choice(["Ulm", "Bonn"], 200)})
    frame["seen"] = pd.date_range("2024-01-01", periods=200, freq="D")
    frame["rooms"] = rng.integers(1, 6, 200)
    frame["lift"] = rng.random(200) > 0.5
    frame["floor"] = rng.choice([1.0, 2.5], 200)
    frame["zone"] = rng.choice(["01", "02"], 200)
    frame["dear"] = np.where(frame["size"] + 20 * (frame["town"] == "Bonn") > 60, "dear", "cheap")
    frame.loc[::7, "size"] = np.nan
    frame.to_csv(tmp_path / "flats.csv", index=False)
    data = load_data({"path": str(tmp_path / "flats.csv"), "target": "dear"})
    model, _ = trained({"hidden": [6], "learning_rate": 0.05}, data, epochs=20)
    new = frame.drop(columns="dear").head(20)
    new.loc[:3, "town"], new.loc[4:6, "town"], new.loc[8, "seen"] = "Rom", None, None
    new.to_csv(tmp_path / "new.csv", index=False)
    new.to_parquet(tmp_path / "new.parquet", index=False)
    expected = model.predict_proba(new)
    assert np.isfinite(expected).all()
    read = pd.read_csv(tmp_path / "new.csv", dtype={"zone": str})
    assert model.predict_proba(read) == pytest.approx(expected)  # dates are texts
    # A column of numbers and texts, as a frame may have.
    mixed = new.assign(rooms=[*new["rooms"].astype(str)[:10], *new["rooms"][10:]])
    for rows in (tmp_path / "new.csv", tmp_path / "new.parquet", pa.Table.from_pandas(new), mixed):
        np.testing.assert_allclose(model.predict_proba(rows), expected, rtol=1e-6)
    model.save(tmp_path / "model")
    np.testing.assert_array_equal(load_model(tmp_path / "model").predict_proba(new), expected)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.drop(columns="weight"), "lacks the columns weight"),
        (lambda f: f.assign(weight=["heavy"] * len(f)), "text in weight, a column of numbers: heavy"),
        (lambda f: f.assign(weight=[1.0, "heavy"] * (len(f) // 2)), "weight"),
        (lambda f: f.assign(weight=np.inf), "infinite values in the feature weight"),
        (lambda f: f.head(0), "at least one row"),
        (lambda f: f["weight"].to_numpy(), r"shape \(60,\)"),
        (lambda f: f[["weight"]].to_numpy(), r"examples of shape"),
        (lambda f: 7, "holds no rows"),
        (lambda f: "nowhere.csv", "nowhere.csv' does not exist"),
        (lambda f: "table.doc", "table.doc' does not exist"),
        (lambda f: __file__, "cannot be read: .py"),
        (lambda f: Path(__file__).parent, "is a folder"),
    ],
)
def test_rows_that_do_not_fit_are_refused(people, change, said):
    model, frame = people
    with pytest.raises(DataError, match=said) as caught:
        model.predict(change(frame))
    assert caught.value.fix


def test_a_file_that_is_damaged_is_refused(people, tmp_path):
    model, _ = people
    for name in ("torn.parquet", "torn.npz"):
        (tmp_path / name).write_bytes(b"PK\x03\x04 torn")
        with pytest.raises(DataError, match="cannot be read"):
            model.predict(tmp_path / name)
    np.save(tmp_path / "single.npy", np.zeros((2, 2)))
    (tmp_path / "single.npy").rename(tmp_path / "single.npz")
    promises = archive(tmp_path / "promises.npz", (10**11, 2), zipfile.ZIP_STORED)["path"]
    pickled = tmp_path / "pickled.npz"
    np.savez(pickled, x=np.array([{}]))
    for path, said in (
        (tmp_path / "single.npz", "cannot be read"),
        (promises, "announces 1,600,000,000,000 bytes"),
        (pickled, "pickled objects"),
    ):
        with pytest.raises(DataError, match=said):
            model.predict(path)
    np.savez(tmp_path / "other.npz", z=np.zeros((2, 2)))
    with pytest.raises(DataError, match="holds the arrays z"):
        model.predict(tmp_path / "other.npz")


def test_what_a_feature_cannot_hold_is_said_of_the_file(people, tmp_path):
    model, _ = people
    (tmp_path / "text.csv").write_text("height,weight\n1,2\n1,heavy\n")
    with pytest.raises(DataError, match="holds text in weight") as raised:
        model.predict(tmp_path / "text.csv")
    assert str(raised.value.value) == str(tmp_path / "text.csv")
    with pytest.raises(DataError, match=r"DataFrame of rows'? holds text in weight"):
        model.inputs(pd.read_csv(tmp_path / "text.csv"))


def test_quantities_come_in_the_unit_of_the_target(tmp_path):
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"a": rng.normal(size=200), "b": rng.normal(size=200)})
    frame["price"] = 5000 + 800 * frame["a"] + 20 * rng.normal(size=200)
    frame.to_parquet(tmp_path / "prices.parquet", index=False)
    form = {"path": str(tmp_path / "prices.parquet"), "target": "price", "task": "regression"}
    model, row = trained({"hidden": [], "learning_rate": 0.05}, load_data(form), epochs=60)
    assert np.abs(model.predict(frame) - frame["price"]).mean() < 80
    assert model.about["metrics"]["test_error"] == pytest.approx(row["test_error"], rel=ROUNDING)
    with pytest.raises(DataError, match="predicts quantities"):
        model.predict_proba(frame)


def test_an_ensemble_averages_probabilities():
    data = blobs()
    jobs = [Job(data, epochs=1, seed=seed) for seed in (0, 1)]
    config = {"hidden": [4]}
    for job in jobs:
        assert list(mlp(config, job))
    both = trained_model(data, [(config, job.saved) for job in jobs], {})
    alone = [trained_model(data, [(config, job.saved)], {}) for job in jobs]
    mean = np.mean([each.predict_proba(data.x_test) for each in alone], axis=0)
    np.testing.assert_allclose(both.predict_proba(data.x_test), mean, rtol=1e-12)
    assert both.outputs(data.x_test).shape == (2, len(data.x_test), 3)
    right = (mean.argmax(axis=1) == data.y_test).mean()
    assert both.about["metrics"]["test_accuracy"] == pytest.approx(right)


def test_many_rows_are_taken_in_blocks():
    data = blobs()
    model, _ = trained({"hidden": [8]}, data, epochs=1)
    rows = np.tile(data.x_test, (200, 1))
    assert len(rows) > 2 * 8192
    found = model.predict_proba(rows)
    assert found.shape == (len(rows), 3)
    np.testing.assert_allclose(found[-len(data.x_test) :], model.predict_proba(data.x_test), rtol=1e-6)


def test_arrays_of_another_network_are_refused():
    data = blobs()
    job = Job(data, epochs=1)
    assert list(mlp({"hidden": [4]}, job))
    with pytest.raises(ValueError, match="W1"):
        trained_model(data, [({"hidden": [5]}, job.saved)], {})
    with pytest.raises(ValueError, match="lacks"):
        trained_model(data, [({"hidden": [4, 4]}, job.saved)], {})
    with pytest.raises(ValueError, match="one network at least"):
        Model((), preprocessing_of(data))
