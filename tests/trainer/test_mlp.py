"""The trainable: it learns, it can stop and go on, and it says what it cannot do."""

import inspect
import pickle

import numpy as np
import pytest

from tests.trainer.examples import Job, blobs
from trainer import ConfigError, Dataset, load_data, mlp
from trainer.stack.stack import METRICS


def test_learns_digits():
    job = Job(load_data({"name": "digits", "standardise": True}), epochs=15)
    rows = list(mlp({"hidden": [32]}, job))
    assert len(rows) == job.saves == 15
    assert rows[-1]["val_accuracy"] > 0.95
    assert rows[-1]["train_loss"] < rows[0]["train_loss"] / 5


@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("optimizer", ["gradient_descent", "momentum", "rmsprop", "adam"])
def test_every_optimizer_learns(optimizer, activation):
    rate = 0.1 if optimizer in ("gradient_descent", "momentum") else 0.01
    config = {"optimizer": optimizer, "activation": activation, "learning_rate": rate, "hidden": [16]}
    rows = list(mlp(config, Job(blobs(), epochs=20)))
    assert rows[-1]["val_accuracy"] > 0.8


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", ["gradient_descent", "momentum", "rmsprop", "adam"])
def test_going_on_equals_never_having_stopped(tmp_path, optimizer, dtype):
    config = {
        "optimizer": optimizer,
        "dtype": dtype,
        "hidden": [9, 7],
        "batch_size": 16,
        "keep_probability": 0.7,
        "l2": 0.01,
        "decay": 0.5,
        "learning_rate": 0.02,
    }
    whole = Job(blobs(), epochs=6, seed=4)
    rows = list(mlp(config, whole))
    first = Job(blobs(), epochs=2, seed=4)
    begun = list(mlp(config, first))
    np.savez(tmp_path / "c.npz", **first.saved)
    with np.load(tmp_path / "c.npz", allow_pickle=False) as checkpoint:
        second = Job(blobs(), epochs=6, start=2, checkpoint=dict(checkpoint), seed=4)
    assert begun + list(mlp(config, second)) == rows
    assert set(second.saved) == set(whole.saved)
    assert all(np.array_equal(second.saved[name], whole.saved[name]) for name in whole.saved)


def test_what_was_saved_is_not_changed_by_later_epochs():
    job = Job(blobs(), epochs=3)
    epochs = mlp({"hidden": [4]}, job)
    next(epochs)
    saved = job.saved
    copies = {name: array.copy() for name, array in saved.items()}
    list(epochs)
    assert all(np.array_equal(saved[name], copies[name]) for name in copies)


def test_a_checkpoint_has_a_row_per_model_in_each_array():
    job = Job(blobs(), epochs=1)
    list(mlp({"hidden": [4]}, job))
    assert set(job.saved) == {
        "t",
        *(f"{moment}{name}" for moment in ("", "m.", "v.") for name in ("W1", "b1", "W2", "b2")),
    }
    assert {len(array) for array in job.saved.values()} == {1}


@pytest.mark.parametrize(
    "other", [{"hidden": [5]}, {"hidden": [4, 4]}, {"hidden": [4], "optimizer": "rmsprop"}]
)
def test_another_networks_checkpoint_is_refused(other):
    job = Job(blobs(), epochs=1)
    list(mlp({"hidden": [4]}, job))
    with pytest.raises(ValueError, match="another network's"):
        list(mlp(other, Job(blobs(), epochs=2, start=1, checkpoint=job.saved)))


def test_nothing_to_go_on_from():
    with pytest.raises(ValueError, match="without a checkpoint"):
        list(mlp({}, Job(blobs(), epochs=2, start=1)))


def test_depends_on_seed_config_and_epochs_alone():
    config = {"hidden": [8], "keep_probability": 0.5}
    rows = list(mlp(config, Job(blobs(), epochs=3, seed=7)))
    np.random.seed(0)  # noqa: NPY002 - shows that the global state is not read
    assert list(mlp(config, Job(blobs(), epochs=3, seed=7))) == rows
    assert list(mlp(config, Job(blobs(), epochs=2, seed=7))) == rows[:2]
    assert list(mlp(config, Job(blobs(), epochs=3, seed=8))) != rows


def test_read_only_data():
    data = blobs()
    for x, y in data.splits:
        x.flags.writeable = y.flags.writeable = False
    assert len(list(mlp({"keep_probability": 0.5, "l2": 1.0}, Job(data, epochs=1)))) == 1


def test_dropout_is_off_when_the_model_is_judged():
    """Without learning, dropout moves the training loss and leaves the others as they are."""
    still = {"learning_rate": 1e-300, "hidden": [8]}
    (plain,) = mlp(still, Job(blobs(), epochs=1))
    (dropped,) = mlp({**still, "keep_probability": 0.5}, Job(blobs(), epochs=1))
    for name in METRICS:
        assert (plain[name] == dropped[name]) == (not name.startswith("train")), name


def test_losses_are_without_the_penalty():
    still = {"learning_rate": 1e-300, "hidden": [8]}
    assert list(mlp(still, Job(blobs(), epochs=1))) == list(mlp({**still, "l2": 9.0}, Job(blobs(), epochs=1)))


def test_a_config_that_cannot_be_trained():
    with pytest.raises(ConfigError):
        next(mlp({"learning_rate": -1}, Job(blobs(), epochs=1)))


def test_data_of_another_kind():
    with pytest.raises(TypeError, match="load_data"):
        next(mlp({}, Job(None, epochs=1)))


def test_what_a_sweep_asks_of_it():
    assert inspect.isgeneratorfunction(type(mlp).__call__)
    assert mlp.metrics == METRICS
    assert mlp.data_type is Dataset
    assert "learning_rate" in mlp.hyperparameters
    assert type(pickle.loads(pickle.dumps(mlp))) is type(mlp)  # noqa: S301 - our own bytes
