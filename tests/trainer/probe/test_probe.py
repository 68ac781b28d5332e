"""What the layers of a network show, against its forward pass and differences of its loss."""

import importlib.util
from types import SimpleNamespace

import numpy as np
import pytest

from tests.trainer.convolution.images import images
from tests.trainer.examples import Job, blobs, line
from trainer import CNNConfig, Dataset, MLPConfig, cnn, mlp
from trainer.convolution.forward import ConvolutionLayers
from trainer.heads import HEADS
from trainer.model.forward import Layers
from trainer.probe import DenseProbe

needs_torch = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs torch")
FEW = 60  # training examples, of which a probe takes all
STEP = 1e-5


class Asked(Job):
    """A run of a model that is babysat."""

    by_layer = True


def outputs_of(config, arrays, data):
    head = config.head or ("softmax" if data.classes else "linear")
    if isinstance(config, CNNConfig):
        return ConvolutionLayers.of(config, arrays, data.shape, head, len(data.classes)).outputs
    return Layers.of(config, arrays, len(data.classes)).outputs


def loss(config, arrays, data):
    """The mean one of the training split, by the forward pass of a saved model."""
    Z = outputs_of(config, arrays, data)(data.scaled(data.x_train)).T[None]
    if not data.classes:
        return HEADS["linear"].loss(Z, data.y_train[None, None]).mean()
    T = np.eye(len(data.classes))[data.y_train].T[None]
    return HEADS["softmax"].loss(Z, T).mean()


def norm_by_differences(config, arrays, data, name):
    found = []
    for at in np.ndindex(arrays[name].shape):
        sides = []
        for step in (STEP, -STEP):
            moved = arrays[name].copy()
            moved[at] += step
            sides.append(loss(config, {**arrays, name: moved}, data))
        found.append((sides[0] - sides[1]) / (2 * STEP))
    return np.linalg.norm(found)


def trained(train, config, data, kind=Asked, **keys):
    job = kind(data, epochs=2, **keys)
    return list(train(config, job)), job


@pytest.mark.parametrize(
    ("train", "config", "data"),
    [
        (mlp, {"hidden": [4, 4], "activation": "tanh", "skip": True}, blobs(FEW)),
        (mlp, {"hidden": [3]}, line(FEW)),
        pytest.param(cnn, {"channels": 2, "stages": 1, "batch_norm": False}, images(), marks=needs_torch),
    ],
    ids=["classes", "a quantity", "images"],
)
def test_gradients_are_those_of_the_loss(train, config, data):
    """A difference is off by 1e-16·J/h and h²·J‴/6 in an entry: far below a thousandth of these norms."""
    config = {**config, "dtype": "float64"}
    rows, job = trained(train, config, data)
    parsed = (CNNConfig if train is cnn else MLPConfig).parse(config)
    numbers = sorted(int(name[1:]) for name in job.saved if name.startswith("W"))
    for number in numbers:
        W = job.saved[f"W{number}"]
        expected = norm_by_differences(parsed, job.saved, data, f"W{number}") / np.linalg.norm(W)
        assert rows[-1][f"layer{number}_gradient"] == pytest.approx(expected, rel=1e-3)


def test_a_unit_is_dead_that_no_example_activates():
    data, config = blobs(FEW), MLPConfig.parse({"hidden": [8, 4]})
    _, job = trained(mlp, {"hidden": [8, 4]}, data)
    state = {name: np.array(x) for name, x in job.saved.items()}
    before = DenseProbe(config, data)(state)
    A = np.maximum(data.x_train @ state["W1"].T + state["b1"][:, 0], 0)
    assert before["layer1_dead"] == (A == 0).all(axis=0).mean()
    state["b2"][:3] = -1e4
    after = DenseProbe(config, data)(state)
    assert after["layer1_dead"] == before["layer1_dead"]
    assert after["layer2_dead"] >= 0.75


@needs_torch
@pytest.mark.parametrize("skip", [False, True])
def test_a_channel_is_dead_that_is_silent_everywhere(skip):
    from trainer.probe.images import ConvolutionProbe

    config = {"channels": 4, "stages": 1, "hidden": [6], "batch_norm": False, "skip": skip}
    _, job = trained(cnn, config, images())
    state = {name: np.array(x) for name, x in job.saved.items()}
    dense = max(int(name[1:]) for name in state if name.startswith("W")) - 1
    state["b1"][:] = -1e4
    state[f"b{dense}"][:3] = -1e4
    found = ConvolutionProbe(CNNConfig.parse(config), images())(state)
    assert found["layer1_dead"] == 1
    assert found["layer1_gradient"] == 0
    assert found[f"layer{dense}_dead"] >= 0.5


@pytest.mark.parametrize("activation", ["leaky_relu", "tanh", "sigmoid"])
def test_only_units_that_can_die_are_counted(activation):
    rows, _ = trained(mlp, {"hidden": [4], "activation": activation}, blobs())
    assert [name for name in rows[0] if name.startswith("layer")] == ["layer1_gradient", "layer2_gradient"]


@pytest.mark.parametrize(
    "config", [{"batch_norm": True}, {"number_bins": 3}, {"label_smoothing": 0.1}], ids=str
)
def test_any_network_is_probed(config):
    data = blobs()
    parts = [part for split in data.splits for part in split]
    weighted = Dataset(
        *parts, data.classes, weights=np.linspace(0.5, 1.5, len(data.y_train), dtype=np.float32)
    )
    rows, _ = trained(mlp, {"hidden": [4], **config}, weighted)
    assert all(np.isfinite(value) for name, value in rows[-1].items() if name.startswith("layer"))


def test_who_does_not_ask_is_told_as_before():
    plain, first = trained(mlp, {"hidden": [4]}, blobs(), Job)
    asked, second = trained(mlp, {"hidden": [4]}, blobs())
    assert [tuple(row) for row in plain] == [mlp.metrics(blobs())] * 2
    assert [{name: row[name] for name in plain[0]} for row in asked] == plain
    assert all(np.array_equal(first.saved[name], second.saved[name]) for name in first.saved)


@needs_torch
def test_a_pack_tells_what_a_model_alone_does():
    data, config = blobs(), {"hidden": [4]}
    pack = mlp.pack(config, SimpleNamespace(data=data, seed=0, device="torch-cpu"))
    runs = [Asked(data, epochs=2, device="torch-cpu"), Job(data, epochs=2, device="torch-cpu")]
    for seat, run in enumerate(runs):
        pack.enter(seat, config, run)
    both = [pack.epoch(), pack.epoch()]
    alone, _ = trained(mlp, config, data, device="torch-cpu")
    for epoch in range(2):
        assert both[epoch][0] == pytest.approx(alone[epoch], rel=1e-5)
        assert set(both[epoch][1]) == set(mlp.metrics(data))


def test_what_has_diverged_has_nothing_to_show():
    rows, _ = trained(mlp, {"learning_rate": 1e250}, blobs())
    assert not any(name.startswith("layer") for name in rows[-1])
