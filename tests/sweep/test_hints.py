"""Hints before a sweep: slips are named, and what is right is left in peace."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from sweeps.command.template import write_template
from sweeps.space import Space
from sweeps.spec import as_spec, read_spec
from sweeps.sweep.planning.hints import hints, usual_mode

ROOT = Path(__file__).parents[2]
HARMLESS = {"learning_rate": {"log": [1e-5, 1]}}


@dataclass
class Data:
    x_train: np.ndarray
    hints: object = ()


def of(space=HARMLESS, data=None, metrics=(), **spec):
    return hints(as_spec({"space": space, **spec}), Space(space), data, metrics)


@pytest.mark.parametrize(
    "name",
    ["learning_rate", "lr", "LR", "learningRate", "lr_init", "encoder_lr", "learningrate", "alpha", "eta"],
)
def test_a_learning_rate_on_a_linear_range(name):
    (hint,) = of({name: {"uniform": [1e-4, 1]}})
    assert hint == (
        f"space.{name}: uniform: [0.0001, 1] draws 90% of its values above 0.1; is it log: [0.0001, 1]?"
    )


def test_a_learning_rate_from_0_on():
    (hint,) = of({"lr": {"uniform": [0, 0.1]}})
    assert hint.endswith("above 0.01; is it log: [1e-05, 0.1], which cannot begin at 0?")


@pytest.mark.parametrize(
    ("epochs", "of_what"), [(9, "the mean of all 9 epochs"), (1, "the value of the only epoch")]
)
def test_a_mean_over_more_epochs_than_a_trial_has(epochs, of_what):
    (hint,) = of(objective={"mean_of_last": 99}, epochs=epochs)
    assert hint == f"objective: mean_of_last: 99 is {of_what}, for a trial has no more"


@pytest.mark.parametrize("objective", ["best", "last", {"mean_of_last": 9}])
def test_an_objective_of_as_many_epochs_as_there_are(objective):
    assert not of(objective=objective, epochs=9)


@pytest.mark.parametrize("name", ["momentum", "beta", "beta1", "beta_2", "adam_beta1", "β", "sgd_momentum"])
def test_a_momentum_on_a_linear_range(name):
    (hint,) = of({name: {"uniform": [0.5, 0.999]}})
    assert hint.startswith(f"space.{name}: uniform: [0.5, 0.999] draws 98% of its values below 0.99;")
    assert hint.endswith("is it reverse_log: [0.5, 0.999]?")


@pytest.mark.parametrize(
    "space",
    [
        {"lr": {"uniform": [0.01, 0.1]}},
        {"lr": {"choice": [0.001, 1.0]}},
        {"lr": 0.1},
        {"lr_decay": {"uniform": [0.0, 1]}},
        {"learning_rate_warmup_fraction": {"uniform": [0.0, 0.5]}},
        {"alpha": {"uniform": [0, 1]}},
        {"momentum": {"uniform": [0.0, 0.9]}},
        {"momentum": {"uniform": [0.8, 0.95]}},
        {"beta": {"uniform": [0, 4]}},
        {"bn_momentum": {"uniform": [0.01, 0.99]}},
        {"keep_probability": {"uniform": [0.05, 0.999]}},
        {"slr": {"uniform": [0.0, 1]}},
        {"lr": {"int": [1, 1000]}},
    ],
    ids=str,
)
def test_ranges_that_are_right_or_mean_something_else(space):
    assert of(space) == ()


SCORES = [
    *(
        "val/accuracy",
        "val_acc",
        "val.Accuracy",
        "AUC",
        "roc_auc",
        "ROC-AUC",
        "f1",
        "f1_score",
        "valF1",
        "F1/macro",
    ),
    *("r2", "R2_score", "precision", "val-recall", "map", "mAP", "val/mAP@50", "bleu", "score", "val_score"),
    *("top_5_accuracy", "accuracy_mean", "precision@5", "mIoU", "acc/val"),
]
LOSSES = [
    *(
        "val_loss",
        "val/loss",
        "LOSS",
        "validation.loss",
        "loss/val",
        "valLoss",
        "rmse",
        "val_RMSE",
        "mae",
        "mse",
    ),
    *(
        "nll",
        "perplexity",
        "val-error",
        "error_rate",
        "cross_entropy_loss",
        "log-loss",
        "dice_loss",
        "rmse_test",
    ),
]
NEITHER = [
    "latency",
    "neg_mean_squared_error",
    "negative_loss",
    "accuracy_std",
    "reward",
    "auctions",
    "val",
    "",
    "x1",
]


@pytest.mark.parametrize("metric", SCORES)
def test_a_score_to_be_small(metric):
    assert f"metric: {metric} with mode: min; is it mode: max?" in of(metric=metric, mode="min")
    assert usual_mode(metric) == "max"


@pytest.mark.parametrize("metric", LOSSES)
def test_a_loss_to_be_large(metric):
    assert f"metric: {metric} with mode: max; is it mode: min?" in of(metric=metric, mode="max")
    assert usual_mode(metric) == "min"


@pytest.mark.parametrize("metric", NEITHER)
def test_names_that_say_nothing(metric):
    assert of(metric=metric, mode="min") == of(metric=metric, mode="max") == ()


@pytest.mark.parametrize("metric", ["test_loss", "test/loss", "TestLoss", "loss.test"])
def test_choosing_by_the_test_data(metric):
    (hint,) = of(metric=metric)
    assert hint.startswith(f"metric: {metric} chooses by the test data")


def test_the_validation_metric_is_named_where_there_is_one():
    (hint,) = of(metric="test_loss", metrics=["test_loss", "val_loss"])
    assert hint.endswith("choose by val_loss?")


@pytest.mark.parametrize("metric", ["latest_loss", "contest_loss", "val_loss", "attested/loss"])
def test_other_words_with_those_letters(metric):
    assert of(metric=metric) == ()


def test_a_batch_as_large_as_the_data():
    data = Data(np.zeros((100, 2)))
    for batch in ({"choice": [16, 100]}, {"int": [16, 200]}, 128):
        (hint,) = of({"batch_size": batch}, data)
        assert "all 100 training examples in one update" in hint
    assert of({"batch_size": {"choice": [16, 64]}}, data) == ()
    assert of({"batch_size": 128}) == ()


def test_batch_norm_with_a_handful_of_updates():
    data = Data(np.zeros((1000, 2)))
    for switch in (True, {"choice": [False, True]}):
        (hint,) = of({"batch_size": {"choice": [16, 256]}, "batch_norm": switch}, data)
        assert hint.startswith("space.batch_norm: with batch_size 256 an epoch has 4 updates, too few")
    assert of({"batch_size": 256, "batch_norm": False}, data) == ()
    assert of({"batch_size": 100, "batch_norm": True}, data) == ()


def test_what_the_data_say_of_themselves_comes_first():
    data = Data(np.zeros((10, 2)), hints=("'id' counts up",))
    assert of(data=data, metric="test_loss")[0] == "data: 'id' counts up"
    for unlike in ("text", np.arange(3), {"a": 1}, [1, 2], None):
        assert of(data=Data(np.zeros((10, 2)), hints=unlike)) == ()


@pytest.mark.parametrize(
    ("spec", "examples"),
    [
        (ROOT / "examples" / "digits.yaml", 1078),
        (ROOT / "examples" / "fashion_mnist.yaml", 48_000),
        (None, 1078),
    ],
    ids=["digits", "fashion_mnist", "template"],
)
def test_what_we_ship_raises_none(tmp_path, spec, examples):
    if spec is None:
        write_template(tmp_path / "sweep.yaml")
    asked = read_spec(spec or tmp_path / "sweep.yaml")
    metrics = ["val_loss", "val_accuracy", "test_loss"]
    assert hints(asked, Space(asked.space), Data(np.zeros((examples, 1))), metrics) == ()


def test_they_reach_the_screen_before_the_sweep(serial, capsys):
    serial(
        lambda config, run: config["lr"],
        space={"lr": {"uniform": [0, 1]}},
        trials=2,
        progress=True,
        data=None,
    )
    err = capsys.readouterr().err
    assert err.startswith("hint: space.lr: uniform: [0, 1] draws")


def test_a_population_that_compares_nobody():
    (hint,) = of(scheduler="pbt:50", epochs=18)
    assert "compares members from epoch 50 on" in hint
    assert "write pbt:3" in hint
    (hint,) = of(scheduler="pbt", trials=1)
    assert "population of one" in hint
    assert of(scheduler="pbt:3", epochs=18) == ()
