"""Weights of rows and classes: what a form makes of them, and that training learns by them."""

import numpy as np
import pandas as pd
import pytest
from sklearn.utils.class_weight import compute_class_weight

from tests.trainer.examples import blobs
from trainer import DataError, Dataset, MLPConfig, Stack, load_data
from trainer.compiled.model import Model

M = 200
RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {"x": RNG.normal(size=M), "w": RNG.integers(0, 4, M), "y": RNG.choice(["no", "yes"], M, p=[0.9, 0.1])}
)
BATCH = {"learning_rate": 0.1, "hidden_units": 4, "batch_size": 10_000, "optimizer": "gradient_descent"}


def load(**form):
    return load_data({"table": FRAME, "target": "y", **form})


def weighted(data, rows, weights=None):
    """The same data set with some training rows, of some weights."""
    (x, y), *rest = data.splits
    arrays = [x[rows], y[rows], *(array for pair in rest for array in pair)]
    return Dataset(*arrays, classes=data.classes, weights=weights)


def test_balanced_classes_are_scikit_learns():
    data = load(class_weight="balanced", drop=["w"])
    assert data.weights.mean() == pytest.approx(1)
    expected = compute_class_weight("balanced", classes=np.unique(data.y_train), y=data.y_train)
    np.testing.assert_allclose(data.weights, expected[data.y_train], rtol=1e-6)


def test_a_column_of_weights_and_named_classes_multiply():
    data = load(weight="w", class_weight={"yes": 5})
    assert data.features == 1
    assert data.weights.mean() == pytest.approx(1)
    assert (data.weights == 0).any()
    assert load(drop=["w"]).weights is None


def test_classes_that_yaml_reads_as_truths():
    frame = FRAME.assign(y=np.where(FRAME.y == "yes", "true", "false"))
    data = load_data({"table": frame, "target": "y", "drop": ["w"], "class_weight": {True: 5}})
    assert data.weights[data.y_train == 1].min() == pytest.approx(5 * data.weights.min())


@pytest.mark.parametrize(
    ("form", "key", "rule"),
    [
        ({"weight": "v"}, "table", "has no column v"),
        ({"weight": "x"}, "table", "rows whose weight in x is missing or below 0"),
        ({"class_weight": "even"}, "class_weight", "neither balanced nor"),
        ({"class_weight": {"maybe": 2}}, "class_weight", "is no class"),
        ({"class_weight": {"yes": -2}}, "class_weight.yes", "from 0 on"),
        ({"class_weight": {"yes": 0, "no": 0}}, "table", "no training row of a weight above 0"),
        ({"class_weight": "balanced", "target": "x"}, "class_weight", "labels are quantities"),
    ],
)
def test_weights_that_cannot_be(form, key, rule):
    with pytest.raises(DataError) as raised:
        load(**form)
    assert raised.value.key == key
    assert rule in raised.value.rule


@pytest.mark.parametrize("device", ["compiled", "cpu", "torch-cpu"])
def test_a_row_of_weight_two_is_one_that_stands_there_twice(device):
    if device == "torch-cpu":
        pytest.importorskip("torch")
    data, counts = blobs(120), np.random.default_rng(1).integers(0, 3, 72)
    rows = np.arange(len(data.y_train))
    counts = np.resize(counts, len(rows))
    weights = (counts / counts.mean()).astype(np.float32)
    config = MLPConfig.parse(BATCH)
    one = train(config, weighted(data, rows, weights), device)
    other = train(config, weighted(data, np.repeat(rows, counts)), device)
    for name in ("W1", "b1", "W2", "b2"):
        np.testing.assert_allclose(one[name], other[name], atol=1e-5)
    plain = train(config, data, device)
    assert np.abs(one["W1"] - plain["W1"]).max() > 1e-4


def train(config, data, device):
    """The parameters after three epochs."""
    if device == "compiled":
        model = Model(config, data)
        for _ in range(3):
            model.train_epoch()
        return model.checkpoint()
    stack = Stack(data, device=device)
    early = stack.enter(config)
    stack.train_epoch()
    stack.enter(config)  # so that there are two cohorts, each with weights of its own order
    for _ in range(2):
        stack.train_epoch()
    return stack.checkpoint(early)
