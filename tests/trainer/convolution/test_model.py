"""A trained network predicts in plain NumPy what it did in torch, from raw images; saved without pickle."""

import json

import numpy as np
import pytest

from tests.trainer.convolution.images import images
from trainer import CNNConfig, ConfigError, DataError, cnn, convolution_stack, load_model, mlp

KINDS = [
    {"stages": 2},
    {"stages": 1, "blocks": 2, "skip": True, "pooling": "average"},
    {"stages": 1, "global_pooling": True, "hidden": [5], "batch_norm": False, "activation": "tanh"},
    {"stages": 1, "weight_average": 0.9},
]


def winner(own, shape=(7, 6), classes=3, epochs=3):
    """A model, the data, and its last metrics in training."""
    data = images(shape=shape, classes=classes, unit=1.0 if classes else 3.0)
    config = {"channels": 3, "batch_size": 8, "learning_rate": 0.02, **own}
    stack = convolution_stack(data)
    member = stack.enter(CNNConfig.parse(config))
    for _ in range(epochs):
        (row,) = stack.train_epoch().values()
    return cnn.winner(data, [(config, stack.checkpoint(member))], {}), data, row


# A float32 has 2⁻²⁴ = 6e-8; sums of some hundred products and a logarithm of what is near 1 leave 1e-5 of it.
@pytest.mark.parametrize("classes", [3, 0], ids=["classes", "quantity"])
@pytest.mark.parametrize("shape", [(7, 6), (6, 7, 3)], ids=["grey", "colours"])
@pytest.mark.parametrize("own", KINDS, ids=str)
def test_it_is_as_good_as_in_training(own, shape, classes):
    model, _, row = winner(own, shape, classes)
    for name, value in model.about["metrics"].items():
        assert value == pytest.approx(row[name], rel=1e-4, abs=1e-5), name


def test_a_negative_gamma_before_a_maximum():
    model, data, _ = winner({"stages": 1})
    (network,) = model.networks
    arrays = {**network.arrays, "gamma1": -network.arrays["gamma1"]}
    stack = convolution_stack(data)
    member = stack.enter(network.config)
    stack.train_epoch()
    learner = stack._lineup._learner
    for name, array in {**learner._params, **learner._statistics}.items():
        array.copy_(array.new_tensor(arrays[name])[None])
    expected = learner.predict(array.new_tensor(data.x_test)).numpy()[0].T
    checkpoint = {**stack.checkpoint(member), **arrays}
    own = {"channels": 3, "batch_size": 8, "learning_rate": 0.02, "stages": 1}
    turned = cnn.winner(data, [(own, checkpoint)], {})
    np.testing.assert_allclose(turned.outputs(data.x_test)[0], expected, rtol=1e-4, atol=1e-5)


def test_saved_and_read_back(tmp_path):
    model, data, _ = winner(KINDS[1])
    model.save(tmp_path / "best")
    again = load_model(tmp_path / "best")
    raw = data.x_test.reshape(-1, 7, 6)
    assert np.array_equal(again.predict(raw), model.predict(raw))
    assert np.array_equal(again.predict_proba(raw), model.predict_proba(data.x_test))
    assert mlp.load_winner(tmp_path / "best").networks[0].config == model.networks[0].config
    with np.load(tmp_path / "best" / "params.npz", allow_pickle=False) as arrays:
        assert set(arrays) == set(model.networks[0].arrays)
    assert "A convolutional network" in (tmp_path / "best" / "README.md").read_text()
    plain = json.loads((tmp_path / "best" / "model.json").read_text())
    assert (plain["kind"], plain["version"]) == ("cnn", 2)  # which earlier versions refuse


def test_a_damaged_kind(tmp_path):
    winner(KINDS[0])[0].save(tmp_path)
    path = tmp_path / "model.json"
    path.write_text(path.read_text().replace('"kind": "cnn"', '"kind": "rnn"'))
    with pytest.raises(DataError, match="is damaged"):
        load_model(tmp_path)


def test_images_of_another_size_are_refused():
    model, _, _ = winner(KINDS[0])
    with pytest.raises(DataError, match=r"has examples of shape \(8, 8\)"):
        model.predict(np.zeros((2, 8, 8)))


def test_a_checkpoint_of_another_network():
    model, data, _ = winner(KINDS[0])
    with pytest.raises(ValueError, match="another network's: it lacks"):
        cnn.winner(data, [({"channels": 3, "stages": 2, "blocks": 2}, model.networks[0].arrays)], {})
    with pytest.raises(ConfigError):
        cnn.winner(data, [({"hidden_unit": 3}, model.networks[0].arrays)], {})
