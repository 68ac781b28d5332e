"""What other programs make of an exported model is what the model itself predicts."""

import importlib.util
import json
import sys

import numpy as np
import pandas as pd
import pytest

from tests.trainer.examples import Job, blobs, bytes_data, line
from trainer import ConfigError, load_data, mlp
from trainer.model.export import export
from trainer.model.trained import trained_model

# Sums of some ten products in float32 on both sides, in another order.
CLOSE = {"rtol": 1e-4, "atol": 1e-5}


MIXED = [
    {"hidden": [4, 4], "activation": "tanh", "head": "logistic", "skip": True},
    {"hidden": [5], "number_bins": 3},
    {"hidden": [], "head": "logistic"},
]


def model_of(data, seeds=(0,), **config):
    jobs = [Job(data, epochs=3, seed=seed) for seed in seeds]
    for job in jobs:
        assert list(mlp(config, job))
    return trained_model(data, [(config, job.saved) for job in jobs], {})


def prices(folder):
    """A table with a quantity, a feature far from 0, and one that is missing at times."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"when": 1.7e9 + 1e4 * rng.normal(size=120), "size": rng.integers(1, 9, 120)})
    frame["floor"] = np.where(rng.random(120) < 0.2, np.nan, rng.integers(0, 5, 120))
    frame["price"] = 100 + 20 * frame["size"] + (frame["when"] - 1.7e9) / 1e3
    frame.to_csv(folder / "prices.csv", index=False)
    return load_data({"path": str(folder / "prices.csv"), "target": "price", "task": "regression"}), frame


@pytest.fixture(
    params=["softmax", "logistic", "bytes", "line", "prices", "ensemble", "skips", "bins", "mixed"]
)
def exported(request, tmp_path):
    """A model, and rows for it."""
    if request.param == "prices":
        data, frame = prices(tmp_path)
        return model_of(data, hidden=[5], activation="tanh", number_bins=3), frame[
            ["when", "size", "floor"]
        ].to_numpy()
    if request.param == "mixed":
        data, found = blobs(classes=2), []
        for config in MIXED:
            job = Job(data, epochs=3)
            list(mlp(config, job))
            found.append((config, job.saved))
        return trained_model(data, found, {}), data.x_test
    data = {"logistic": blobs(classes=2), "bytes": bytes_data(), "line": line()}.get(request.param, blobs())
    config = {
        "softmax": {"hidden": [6, 5], "activation": "leaky_relu", "batch_norm": True},
        "logistic": {"hidden": [6], "activation": "sigmoid", "head": "logistic"},
        "bytes": {"hidden": [4]},
        "line": {"hidden": []},
        "skips": {"hidden": [5, 5, 5, 5], "skip": True, "weight_average": 0.9},
        "bins": {"hidden": [5, 5, 5], "skip": True, "number_bins": 4},
        "ensemble": {"hidden": [4], "activation": "tanh", "seeds": (0, 1, 2)},
    }[request.param]
    return model_of(data, **config), data.x_test


def answers(model, rows):
    return model.predict_proba(rows) if model.classes else model.predict(rows)


def test_onnxruntime_gives_the_same(exported, tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime")
    model, rows = exported
    export(model, "onnx", tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])
    whole = rows if rows.dtype == np.uint8 else rows.astype(np.float64)
    columns = {name: whole[:, [at]] for at, name in enumerate(model.columns)}
    found = session.run(None, columns or {"rows": whole})
    np.testing.assert_allclose(found[-1], answers(model, rows), **CLOSE)
    if model.classes:
        assert (found[0] == model.predict(rows)).all()
    known = session.get_modelmeta().custom_metadata_map
    assert json.loads(known["classes"]) == list(model.classes)
    assert json.loads(known["columns"]) == list(model.columns)


def flats(folder, note=False):
    """A table with texts, of which some are rare or missing, and new rows of which some were never seen."""
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"size": rng.normal(50, 20, 200), "town": rng.choice(["Ulm", "Bonn", "Köln"], 200)})
    frame["heating"] = rng.choice(["gas", "oil", None], 200)
    frame["lift"] = rng.choice(["yes", "no"], 200)
    frame.loc[:1, "town"] = "Hof"
    frame["dear"] = np.where(frame["size"] + 20 * (frame["town"] == "Bonn") > 60, "dear", "cheap")
    frame.loc[::7, "size"] = np.nan
    if note:
        frame["seen"] = pd.date_range("2024-01-01", periods=200).astype(str)
    frame.to_csv(folder / "flats.csv", index=False)
    new = frame.drop(columns="dear").head(60)
    new.loc[:5, "town"], new.loc[6:8, "town"], new.loc[9:11, "lift"] = "Rom", None, None
    return load_data({"path": str(folder / "flats.csv"), "target": "dear"}), new


def test_a_table_is_taken_by_onnxruntime_column_by_column(tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime")
    data, new = flats(tmp_path)
    model = model_of(data, hidden=[6], learning_rate=0.05)
    export(model, "onnx", tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])
    taken = {
        each.name: new[[each.name]].to_numpy(np.float64)
        if "double" in each.type
        else new[[each.name]].fillna("").to_numpy(object)
        for each in session.get_inputs()
    }
    assert {name for name, column in taken.items() if column.dtype == object} == {"town", "heating", "lift"}
    label, probabilities = session.run(None, taken)
    np.testing.assert_allclose(probabilities, model.predict_proba(new), **CLOSE)
    assert (label == model.predict(new)).all()


def in_onnxruntime(model, frame, path):
    """What onnxruntime gives for the columns of a table, as texts where it takes texts; by output."""
    onnxruntime = pytest.importorskip("onnxruntime")
    export(model, "onnx", path)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    taken = {
        each.name: frame[[each.name]].to_numpy(np.float64)
        if "double" in each.type
        else frame[[each.name]].astype(str).to_numpy(object)
        for each in session.get_inputs()
    }
    return dict(zip([each.name for each in session.get_outputs()], session.run(None, taken), strict=True))


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_columns_may_be_called_as_parts_of_the_graph_are(task, tmp_path):
    outputs = ["label", "probabilities"] if task == "classification" else ["quantity"]
    names = [*outputs, "classes", "constant_0", "sub_2", "inner.constant_0", "gemm_1", "rows"]
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(150, len(names))), columns=names)
    frame["target"] = np.where(frame.classes > 0, "up", "down") if task == "classification" else frame.classes
    model = model_of(load_data({"table": frame, "target": "target", "task": task}), hidden=[5])
    found = in_onnxruntime(model, frame, tmp_path / "model.onnx")
    assert list(found) == [f"predicted_{name}" for name in outputs]
    np.testing.assert_allclose(found[f"predicted_{outputs[-1]}"], answers(model, frame), **CLOSE)


def test_truths_and_numbers_that_are_categories_may_be_written_in_each_way(tmp_path):
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"sunny": rng.choice([True, False], 200), "rooms": rng.choice([1, 2, 3], 200)})
    frame["dear"] = np.where(frame.sunny & (frame.rooms > 1), "dear", "cheap")
    form = {"table": frame, "target": "dear", "columns": {"rooms": "category"}}
    model = model_of(load_data(form), hidden=[6], learning_rate=0.05)
    expected = model.predict_proba(frame)
    assert len(np.unique(expected[:, 0])) == 6
    for write in (str, str.lower, str.upper):
        written = frame.assign(sunny=frame.sunny.astype(str).map(write))
        for rooms in (frame.rooms, frame.rooms.astype(float)):
            found = in_onnxruntime(model, written.assign(rooms=rooms), tmp_path / "model.onnx")
            np.testing.assert_allclose(found["probabilities"], expected, **CLOSE)


def test_a_table_with_dates_is_taken_preprocessed(tmp_path):
    onnxruntime = pytest.importorskip("onnxruntime")
    data, new = flats(tmp_path, note=True)
    model = model_of(data, hidden=[6])
    export(model, "onnx", tmp_path / "model.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])
    _, probabilities = session.run(None, {"inputs": model.inputs(new)})
    np.testing.assert_allclose(probabilities, model.predict_proba(new), **CLOSE)


def test_torch_gives_the_same(exported, tmp_path, monkeypatch):
    torch = pytest.importorskip("torch")
    model, rows = exported
    export(model, "torch", tmp_path / "winner.pt")
    spec = importlib.util.spec_from_file_location("winner", tmp_path / "winner.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with torch.no_grad():
        found = module.load(tmp_path / "winner.pt")(torch.from_numpy(np.array(rows)))
    np.testing.assert_allclose(found.numpy(), answers(model, rows), **CLOSE)
    assert model.classes == module.CLASSES


def test_the_arrays_say_all_that_it_takes_to_predict(exported, tmp_path):
    model, rows = exported
    export(model, "npz", tmp_path / "winner.npz")
    with np.load(tmp_path / "winner.npz", allow_pickle=False) as file:
        arrays = dict(file)
    assert arrays["classes"].tolist() == list(model.classes)
    for number in range(len(model.networks)):
        prefix = f"{number}." if len(model.networks) > 1 else ""
        names = [name for name in arrays if name.startswith(prefix)]
        own = {name.removeprefix(prefix): arrays[name] for name in names}
        check_arrays({**arrays, **own}, own, model, number, rows)


def check_arrays(arrays, own, model, number, rows):
    """own: the network's, by the names that a network alone has."""
    gaps, last = np.isnan(rows.astype(float)), sum(name.startswith("W") for name in own)
    x = (np.where(gaps, arrays["fill"], rows) - arrays["shift"]) / arrays["scale"]
    A = np.hstack([x, gaps[:, arrays["missing"]]])[:, arrays["order"]]
    g = {
        "relu": lambda z: np.maximum(z, 0),
        "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
        "tanh": np.tanh,
        "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    }[str(arrays["activation"])]
    if "bin_low" in own:
        through = (A[:, arrays["bin_feature"]] - arrays["bin_low"]) * arrays["bin_factor"]
        A = np.hstack([A, through.clip(0, 1)])
    for layer in range(1, last + 1):
        below, A = A, A @ arrays[f"W{layer}"].T + arrays[f"b{layer}"]
        A = A if layer == last else g(A)
        A = A + below if str(arrays["skip"]) == "true" and 1 < layer < last else A
    np.testing.assert_allclose(A, model.layers[number].outputs(model.inputs(rows)), rtol=1e-3, atol=1e-4)
    if not model.classes and len(model.networks) == 1:
        quantities = A[:, 0] * arrays["target_scale"] + arrays["target_shift"]
        np.testing.assert_allclose(quantities, model.predict(rows), rtol=1e-4)


def test_another_format_and_a_missing_package_are_said(tmp_path, monkeypatch):
    model = model_of(blobs(), hidden=[4])
    with pytest.raises(ConfigError, match=r"onxx.*\n.*did you mean onnx"):
        export(model, "onxx", tmp_path / "model")
    for kind in ("onnx", "torch"):
        monkeypatch.setitem(sys.modules, kind, None)
        with pytest.raises(ConfigError, match=rf'not installed\n.*caviar-sweeps\[{kind}\]"'):
            export(model, kind, tmp_path / "model")
    assert not list(tmp_path.iterdir())
