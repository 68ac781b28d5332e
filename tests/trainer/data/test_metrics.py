"""Metrics beyond loss and error are scikit-learn's, and the same from one model and from a stack."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as peer

from tests.trainer.examples import blobs
from trainer import DataError, Dataset, MLPConfig, Stack, load_data
from trainer.compiled.model import Model
from trainer.data import with_metric
from trainer.data.metrics import METRICS, further_metrics


def dataset(y, classes=3, **options):
    """Whose splits are all the same rows."""
    x = np.zeros((len(y), 1), np.float32)
    names = tuple("abcdefgh"[:classes])
    return Dataset(x, y, x, y, x, y, classes=names, **options)


@given(st.integers(0, 10**6), st.integers(2, 5), st.integers(8, 60))
def test_those_of_classes_are_scikit_learns(seed, classes, m):
    rng = np.random.default_rng(seed)
    y = np.concatenate([np.arange(classes), rng.integers(0, classes, m)])
    outputs = rng.normal(size=(len(y), classes))
    outputs = np.round(outputs, 1) if classes == 2 else outputs  # so that some are equal
    data = dataset(y, classes, metrics=METRICS["classification"])
    found = further_metrics("val", outputs, y, data)
    said = outputs.argmax(axis=1)
    assert found["val_balanced_accuracy"] == pytest.approx(peer.balanced_accuracy_score(y, said))
    if classes == 2:
        rarer = int(np.bincount(y).argmin())
        assert found["val_f1"] == pytest.approx(peer.f1_score(y, said, pos_label=rarer, zero_division=0))
        margin = outputs[:, 1] - outputs[:, 0]
        assert found["val_auc"] == pytest.approx(peer.roc_auc_score(y, margin))
        assert further_metrics("val", margin[:, None], y, data)["val_auc"] == found["val_auc"]
        return
    assert found["val_f1"] == pytest.approx(peer.f1_score(y, said, average="macro", zero_division=0))
    shares = np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True)
    assert found["val_auc"] == pytest.approx(peer.roc_auc_score(y, shares, multi_class="ovr"), abs=1e-6)


@given(st.lists(st.floats(-1e3, 1e3), min_size=3, max_size=30), st.floats(0.1, 10))
def test_those_of_quantities_are_scikit_learns(values, unit):
    y = np.array(values) + np.arange(len(values))
    outputs = y[::-1, None] * 0.5
    data = Dataset(
        *[np.zeros((len(y), 1), np.float32), y] * 3, classes=(), unit=unit, metrics=METRICS["regression"]
    )
    found = further_metrics("test", outputs, y, data)
    assert found["test_mae"] == pytest.approx(unit * peer.mean_absolute_error(y, outputs[:, 0]))
    if y.var() > 1e-12:
        assert found["test_r2"] == pytest.approx(peer.r2_score(y, outputs[:, 0]), rel=1e-6)


def test_a_class_that_is_neither_there_nor_predicted_does_not_count():
    y = np.array([0, 1, 0, 1])
    outputs = np.eye(3)[y]
    assert further_metrics("val", outputs, y, dataset(y, metrics=("f1",)))["val_f1"] == 1


def test_one_class_alone_and_outputs_that_are_none():
    y = np.array([1, 1, 1])
    found = further_metrics("val", np.eye(3), y, dataset(y, metrics=("auc", "f1")))
    assert np.isnan(found["val_auc"]) == (len(np.unique(y)) == 1)
    assert np.isnan(further_metrics("val", np.full((3, 3), np.inf), y, dataset(y, metrics=("f1",)))["val_f1"])


@pytest.mark.parametrize("device", ["numpy", "torch-cpu"])
def test_a_model_alone_and_a_stack_report_the_same(device):
    if device == "torch-cpu":
        pytest.importorskip("torch")
    data = blobs(300)
    data = Dataset(
        *[array for split in data.splits for array in split],
        classes=data.classes,
        metrics=METRICS["classification"],
    )
    config = MLPConfig.parse({"learning_rate": 0.05, "hidden_units": 5, "batch_size": 32})
    alone = Model(config, data).train_epoch()
    stack = Stack(data, device="cpu" if device == "numpy" else device)
    members = [stack.enter(config), stack.enter(config)]
    rows = stack.train_epoch()
    names = [f"{split}_{name}" for split in ("val", "test") for name in METRICS["classification"]]
    for member in members:
        assert [rows[member][name] for name in names] == pytest.approx(
            [alone[name] for name in names], abs=1e-3
        )


def test_a_form_asks_for_them_and_so_does_a_sweep_that_compares_by_one(tmp_path):
    frame = pd.DataFrame({"x": np.arange(60) * 1.5, "y": np.arange(60) % 2})
    frame.to_csv(tmp_path / "t.csv", index=False)
    form = {"path": "t.csv", "target": "y"}
    assert load_data({**form, "metrics": ["auc"]}, base=tmp_path).metrics == ("auc",)
    assert with_metric(form, "val_f1") == {**form, "metrics": ["f1"]}
    assert with_metric("digits", "test_auc") == {"name": "digits", "metrics": ["auc"]}
    for metric in ("val_loss", "train_f1", "f1", "valf1"):
        assert with_metric(form, metric) == form
    with pytest.raises(DataError, match="is no metric of a classification"):
        load_data({**form, "metrics": ["r2"]}, base=tmp_path)
    with pytest.raises(DataError, match="did you mean f1"):
        load_data({**form, "metrics": ["f11"]}, base=tmp_path)
