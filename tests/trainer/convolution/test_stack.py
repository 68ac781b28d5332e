"""Convolutional networks in training: side by side as alone, and going on as if never stopped."""

from dataclasses import replace

import numpy as np
import pytest

from tests.trainer.convolution.images import images
from trainer import CNNConfig, convolution_stack

CONFIGS = [
    {"learning_rate": 0.02, "weight_average": 0.5, "l2": 0.1},
    {"learning_rate": 0.01, "weight_average": 0.9, "keep_probability": 0.6, "label_smoothing": 0.1},
    {
        "learning_rate": 0.005,
        "weight_average": 0.7,
        "clip_norm": 0.5,
        "weight_decay": 0.1,
        "schedule": "constant",
    },
]
COMMON = {"channels": 3, "stages": 1, "batch_size": 9, "flip": True, "shift": 1, "optimizer": "momentum"}

# In float64 a sum of n products, n at most 54 for a place and 24 · 36 over a minibatch, differs with its
# order by n · 2⁻⁵³, or 1e-13, of its terms. A step makes a few times as much of it, by what batch norm
# divides by, and 9 steps below 1e4 times; in float32 the same would be 1e-1.
CLOSE = {"rtol": 1e-9, "atol": 1e-11}


def configs(**own):
    return [CNNConfig.parse({**COMMON, "dtype": "float64", **own, **each}) for each in CONFIGS]


def trained(members, data, epochs=3):
    """The metrics of the last epoch and the checkpoints of models that train as one."""
    stack = convolution_stack(data, seed=1)
    entered = [stack.enter(config) for config in members]
    for _ in range(epochs):
        rows = stack.train_epoch()
    return [rows[member] for member in entered], [stack.checkpoint(member) for member in entered]


@pytest.mark.parametrize(
    "own",
    [
        {},
        {"skip": True, "blocks": 2, "pooling": "average", "hidden": [4, 3]},
        {"batch_norm": False, "channels": 1, "global_pooling": True, "hidden": [1]},
    ],
    ids=["plain", "skip", "as narrow as can be"],
)
@pytest.mark.parametrize("shape", [(6, 6), (5, 4, 3)], ids=["grey", "colours"])
def test_a_stack_of_three_is_each_alone(own, shape):
    data = images(shape=shape)
    rows, checkpoints = trained(configs(**own), data)
    for config, row, checkpoint in zip(configs(**own), rows, checkpoints, strict=True):
        (alone,), (saved,) = trained([config], data)
        assert row.keys() == alone.keys()
        np.testing.assert_allclose([*row.values()], [*alone.values()], **CLOSE)
        assert checkpoint.keys() == saved.keys()
        for name, array in saved.items():
            np.testing.assert_allclose(checkpoint[name], array, err_msg=name, **CLOSE)


def test_models_of_other_epochs_see_their_own_images():
    data, (first, second, _) = images(), configs()
    stack = convolution_stack(data, seed=1)
    early = stack.enter(first)
    stack.train_epoch()
    late = stack.enter(second)
    rows = stack.train_epoch()
    for config, member, epochs in ((first, early, 2), (second, late, 1)):
        (alone,), _ = trained([config], data, epochs)
        np.testing.assert_allclose([*rows[member].values()], [*alone.values()], **CLOSE)


def test_one_that_diverges_disturbs_nobody():
    data, (first, *_) = images(m=1100), configs()
    stack = convolution_stack(data, seed=1)
    wild = stack.enter(replace(first, learning_rate=1e250))
    tame = stack.enter(first)
    rows = stack.train_epoch()
    assert wild.diverged
    assert np.isnan(rows[wild]["val_loss"])
    (alone,), _ = trained([first], data, 1)
    np.testing.assert_allclose([*rows[tame].values()], [*alone.values()], **CLOSE)


@pytest.mark.parametrize("optimizer", ["adam", "nesterov"])
def test_going_on_is_never_stopping(optimizer):
    data = images(m=25)  # the last minibatch is smaller
    config = CNNConfig.parse({**COMMON, **CONFIGS[1], "optimizer": optimizer, "skip": True, "decay": 0.1})
    (whole,), (end,) = trained([config], data, 4)
    _, (half,) = trained([config], data, 2)
    stack = convolution_stack(data, seed=1)
    member = stack.enter(config, half)
    assert member.epoch == 2
    stack.train_epoch()
    assert stack.train_epoch()[member] == whole
    again = stack.checkpoint(member)
    assert again.keys() == end.keys()
    assert all(np.array_equal(again[name], end[name]) for name in end)


def test_an_average_is_what_is_evaluated():
    """Of β = 0.5 over the updates, its start corrected: by hand from the weights after each update."""
    data = images(m=8)
    config = CNNConfig.parse(
        {"channels": 2, "stages": 1, "batch_size": 8, "weight_average": 0.5, "dtype": "float64"}
    )
    stack = convolution_stack(data)
    member = stack.enter(config)
    seen = []
    for _ in range(3):  # an update each
        stack.train_epoch()
        seen.append(stack.checkpoint(member))
    for name in ("W1", "mean1", "gamma1"):
        one, two, three = (saved[name] for saved in seen)
        expected = (0.25 * one + 0.5 * two + three) / 1.75
        np.testing.assert_allclose(seen[-1][f"average.{name}"], expected, rtol=1e-12)
    assert not np.array_equal(seen[-1]["W1"], seen[-1]["average.W1"])


def test_a_minibatch_of_one_image_of_one_pixel_is_its_own_mean():
    data = images(m=9, shape=(2, 2))
    config = CNNConfig.parse({"channels": 2, "stages": 1, "batch_size": 4, "hidden": [3]})
    ((row,), _) = trained([config], data, 2)
    assert all(np.isfinite([*row.values()]))


@pytest.mark.parametrize(
    ("own", "classes"), [({}, 3), ({"head": "logistic", "label_smoothing": 0.1}, 2), ({}, 0)], ids=str
)
def test_it_learns(own, classes):
    data = images(m=60, classes=classes)
    config = CNNConfig.parse({"channels": 4, "stages": 1, "batch_size": 16, "learning_rate": 0.02, **own})
    stack = convolution_stack(data)
    member = stack.enter(config)
    rows = [stack.train_epoch()[member] for _ in range(12)]
    assert rows[-1]["test_error"] < (0.1 if classes else 0.75 * data.y_test.std())
    assert rows[-1]["train_loss"] < 0.5 * rows[0]["train_loss"]


def test_weights_of_examples_count():
    plain, heavy = images(), images()
    object.__setattr__(heavy, "weights", np.where(heavy.y_train == 0, 0.0, 1.5).astype(np.float32))
    config = configs()[0]
    ((row,), _), ((other,), _) = trained([config], plain, 2), trained([config], heavy, 2)
    assert row["val_loss"] != other["val_loss"]
