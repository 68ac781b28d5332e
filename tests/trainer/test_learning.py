"""Models learn: digits, two classes, a quantity; with every optimizer, activation and batch size."""

import numpy as np
import pytest

from tests.trainer.examples import Job, blobs, line
from trainer import load_data, mlp
from trainer.layers.activation import ACTIVATIONS
from trainer.optimizers import OPTIMIZERS

RATES = {"gradient_descent": 0.1, "momentum": 0.1, "classical_momentum": 0.02, "nesterov": 0.02}


def learn(config, data, epochs=20):
    return list(mlp(config, Job(data, epochs=epochs)))


@pytest.mark.parametrize(
    "own", [{}, {"batch_norm": True}, {"keep_probability": 0.8}, {"hidden": [64, 32]}], ids=str
)
def test_digits(own):
    rows = learn({"hidden": [64], "learning_rate": 0.005, **own}, load_data("digits"), epochs=15)
    assert rows[-1]["val_accuracy"] >= 0.95
    assert rows[-1]["test_accuracy"] >= 0.94
    assert rows[-1]["train_loss"] < rows[0]["train_loss"] / 4


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_with_every_activation(optimizer, activation, batch_norm):
    config = {
        **{"optimizer": optimizer, "activation": activation, "hidden": [16], "batch_norm": batch_norm},
        "learning_rate": RATES.get(optimizer, 0.01),
    }
    rows = learn(config, blobs())
    # A third of the answers would be right by chance; the clouds overlap but little.
    assert rows[-1]["val_accuracy"] > 0.85
    assert rows[-1]["train_loss"] < rows[0]["train_loss"] / 2


@pytest.mark.parametrize("head", ["logistic", "softmax"])
@pytest.mark.parametrize("hidden", [[], [8]], ids=str)
def test_two_classes(head, hidden):
    rows = learn({"head": head, "hidden": hidden, "learning_rate": 0.05}, blobs(classes=2))
    assert rows[-1]["val_accuracy"] > 0.9
    assert rows[-1]["val_loss"] < np.log(2) / 2  # half of what not knowing costs


@pytest.mark.parametrize("hidden", [[], [16]], ids=str)
def test_a_quantity(hidden):
    data = line(unit=7.0)
    rows = learn({"hidden": hidden, "learning_rate": 0.02}, data, epochs=60)
    # The noise has a deviation of 0.1, and the target one of about 1.
    assert rows[-1]["val_loss"] < 0.1 * data.y_validation.var()
    assert rows[-1]["val_error"] < 7 * 0.3


@pytest.mark.parametrize("batch_size", [1, 7, 90, 1000])
def test_every_batch_size(batch_size):
    """Stochastic, not dividing the examples, all of them, and more."""
    rate = {1: 0.001, 7: 0.01}.get(batch_size, 0.03)
    rows = learn({"hidden": [16], "batch_size": batch_size, "learning_rate": rate}, blobs(), epochs=30)
    assert rows[-1]["val_accuracy"] > 0.85


def test_a_batch_as_large_as_the_data_is_one_larger_than_that():
    one, other = (learn({"batch_size": size}, blobs(), epochs=3) for size in (90, 10_000))
    assert one == other


@pytest.mark.parametrize("batch_size", [2, 89])
def test_batch_norm_with_a_last_batch_of_one(batch_size):
    """Of 91 or 90 examples one is left over, which has no variance."""
    data = blobs(91 if batch_size == 2 else 90)
    rows = learn({"batch_norm": True, "batch_size": batch_size, "hidden": [16]}, data, epochs=5)
    assert all(np.isfinite(value) for row in rows for value in row.values())


def test_decay_follows_the_epoch():
    """From the second epoch on, a decay of 1e300 leaves nothing of the learning rate."""
    still, learning = (learn({"decay": decay, "optimizer": "momentum"}, blobs(), 3) for decay in (1e300, 0))
    assert still[0] == learning[0]
    for name in ("val_loss", "test_loss"):
        assert still[0][name] == still[1][name] == still[2][name]
        assert learning[0][name] != learning[1][name]
