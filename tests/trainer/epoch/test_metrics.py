"""What is reported of an epoch: names, units and averages."""

import numpy as np
import pytest

from tests.trainer.examples import blobs, line
from tests.trainer.stacks import UNIT, config, train
from trainer import MLPConfig, mlp
from trainer.compiled.model import Model

CLASSES = tuple(f"{s}_{kind}" for s in ("train", "val", "test") for kind in ("loss", "accuracy", "error"))
QUANTITIES = tuple(f"{s}_{kind}" for s in ("train", "val", "test") for kind in ("loss", "error"))
STILL = {"learning_rate": 1e-300, "optimizer": "gradient_descent", "hidden": [4]}


@pytest.mark.parametrize(
    ("data", "names"), [(blobs(), CLASSES), (line(), QUANTITIES)], ids=["classes", "numbers"]
)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_names_in_order_and_plain_floats(data, names, dtype):
    rows, _ = train([config(dtype=dtype), config(dtype=dtype, learning_rate=1e250)], 2, data=data)
    assert mlp.metrics(data) == (*names, "gradient_norm")
    for metrics in [*rows[0], *rows[1]]:
        assert tuple(metrics) == (*names, "gradient_norm")
        assert {type(value) for value in metrics.values()} == {float}


def test_the_error_of_classes_is_the_share_of_wrong_answers():
    data = blobs()
    for metrics in train([config()], 3, data=data)[0][0]:
        for split in ("train", "val", "test"):
            assert metrics[f"{split}_error"] == 1 - metrics[f"{split}_accuracy"]
            right = metrics[f"{split}_accuracy"] * 90
            assert right == pytest.approx(round(right), abs=90 * UNIT)


def test_the_error_of_quantities_is_in_the_targets_unit():
    metrics = train([config()], 2, data=line(unit=7.0))[0][0][-1]
    other = train([config()], 2, data=line(unit=1.0))[0][0][-1]
    for split in ("train", "val", "test"):
        assert metrics[f"{split}_error"] == 7 * np.sqrt(metrics[f"{split}_loss"])
        assert metrics[f"{split}_loss"] == other[f"{split}_loss"]
        assert other[f"{split}_error"] == np.sqrt(other[f"{split}_loss"])


def predictions(saved, data):
    """The outputs for the validation split, by hand."""
    A = data.scaled(data.x_validation).T.astype(np.float64)
    A = np.maximum(saved["W1"] @ A + saved["b1"], 0)
    return saved["W2"] @ A + saved["b2"]


@pytest.mark.parametrize("data", [blobs(), line()], ids=["classes", "numbers"])
def test_validation_is_of_the_model_as_it_is_after_the_epoch(data):
    wish = config(hidden=[7], keep_probability=0.5, l2=0.5)
    ((metrics,),), (saved,) = train([wish], 1, data=data)
    Z, y = predictions(saved, data), data.y_validation
    if data.classes:
        loss = np.log(np.exp(Z).sum(axis=0)) - Z[y, np.arange(len(y))]
        assert metrics["val_accuracy"] == (Z.argmax(axis=0) == y).mean()
    else:
        loss = (Z[0] - y) ** 2
    # A mean of 90 losses below 100, each of two products of at most 7 terms below 100.
    assert metrics["val_loss"] == pytest.approx(loss.mean(), abs=(90 + 14) * 100 * UNIT)


@pytest.mark.parametrize("data", [blobs(), line()], ids=["classes", "numbers"])
def test_training_metrics_are_the_running_average_over_examples(data):
    """Nothing is learnt, so what is averaged over minibatches (32, 32, 26) is that of one batch."""
    (parts,), _ = train([config(**STILL, batch_size=32)], 1, data=data)
    (whole,), _ = train([config(**STILL, batch_size=90)], 1, data=data)
    for name in (name for name in parts[0] if name != "gradient_norm"):
        # Sums of 90 losses below 10, in another order.
        assert parts[0][name] == pytest.approx(whole[0][name], abs=90 * 10 * UNIT), name


def test_training_metrics_are_taken_before_each_update():
    """So those of the first epoch of one batch are those of the initial weights, as others have them."""
    (learning,), _ = train([config(hidden=[4], batch_size=90, learning_rate=0.1)], 1)
    (still,), _ = train([config(**STILL, batch_size=90)], 1)
    assert learning[0]["train_loss"] == still[0]["train_loss"]
    assert learning[0]["val_loss"] != still[0]["val_loss"]


def test_dropout_is_in_the_training_metrics_alone():
    (plain,), (dropped,) = train([config(**STILL), config(**STILL, keep_probability=0.5)], 1)[0]
    for name in plain:
        assert (plain[name] == dropped[name]) == name.startswith(("val", "test")), name


@pytest.mark.parametrize("penalty", [{"l1": 9.0}, {"l2": 9.0}], ids=str)
def test_no_loss_has_the_penalty(penalty):
    (plain,), (penalised,) = train([config(**STILL), config(**STILL, **penalty)], 1)[0]
    assert {name for name in plain if plain[name] != penalised[name]} == {"gradient_norm"}


@pytest.mark.parametrize("trained_by", ["compiled", "cpu", "torch-cpu"])
@pytest.mark.parametrize("penalty", [{"l1": 3.0}, {"l2": 5.0}, {"l1": 3.0, "l2": 5.0}], ids=str)
def test_the_cost_has_the_penalty(penalty, trained_by):
    """Without learning it is (1/m) of the penalty more than the loss, m the mean size of a minibatch."""
    wish = config(**STILL, **penalty, batch_size=25, batch_norm=True)
    if trained_by == "compiled":
        model = Model(wish, blobs(), seed=1)
        metrics, saved = model.train_epoch(), model.checkpoint()
    else:
        ((metrics,), _), (saved, _) = train([wish, config(**STILL, batch_norm=True)], 1, device=trained_by)
    weights = np.concatenate([saved[name].ravel() for name in ("W1", "W2")])
    of_weights = wish.l1 * np.abs(weights).sum() + wish.l2 / 2 * np.square(weights).sum()
    assert of_weights > 10
    # Four minibatches of 90 examples; sums of 36 terms below 10 and of 90 losses below 10, rounded anew.
    assert metrics["train_cost"] == pytest.approx(
        metrics["train_loss"] + 4 * of_weights / 90, abs=(36 + 90) * 10 * UNIT * 10
    )


def test_only_what_is_penalised_has_a_cost():
    """Beside others and where all diverge, with the same names in each epoch."""
    wishes = [config(), config(l1=0.1), config(l2=0.1), config(l1=0.1, learning_rate=1e250)]
    rows, _ = train(wishes, 2)
    assert ["train_cost" in row for each in rows for row in each] == [False] * 2 + [True] * (6 - 1)
    assert np.isnan(rows[3][-1]["train_cost"])
    diverged = Model(wishes[3], blobs(), seed=1)
    assert np.isnan([diverged.train_epoch() for _ in range(2)][-1]["train_cost"])
    assert set(Model(wishes[0], blobs()).train_epoch()) == set(rows[0][0])


def test_the_cost_before_an_update_is_what_it_descends():
    """A small step of gradient descent on one batch lowers it by the step times the squared gradient."""
    rate = 1e-6
    own = {"hidden": [4], "activation": "tanh", "optimizer": "gradient_descent", "batch_size": 90}
    (rows,), _ = train([config(**own, learning_rate=rate, l1=3.0, l2=5.0)], 2)
    lower = rows[0]["train_cost"] - rows[1]["train_cost"]
    # The curvature takes a share of the order of the step; rounding 1e-15 of 1e-6.
    assert lower == pytest.approx(rate * rows[0]["gradient_norm"] ** 2, rel=1e-4)


@pytest.mark.parametrize("own", [{}, {"batch_norm": True}], ids=str)
def test_scores_do_not_depend_on_how_many_examples_are_evaluated_at_a_time(own, monkeypatch):
    data = blobs(2500)
    whole = train([MLPConfig(dtype="float64", **own)], 1, data=data)[0][0][0]
    monkeypatch.setattr("trainer.stack.lineup._LEAST", 7)
    monkeypatch.setattr("trainer.stack.lineup._CHUNK", 7)
    parts = train([MLPConfig(dtype="float64", **own)], 1, data=data)[0][0][0]
    for name, value in whole.items():
        assert parts[name] == pytest.approx(value, abs=2500 * 10 * UNIT), name
