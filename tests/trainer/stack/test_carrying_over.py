"""A checkpoint that another config goes on from: what carries over, and what begins anew."""

import dataclasses

import numpy as np
import pytest

from tests.trainer.examples import blobs
from trainer.compiled.model import Model
from trainer.config import MLPConfig
from trainer.errors import ConfigError
from trainer.stack.stack import Stack

BEFORE = MLPConfig(hidden=(5,), learning_rate=0.01, batch_size=16)


def trained(config=BEFORE, epochs=2):
    """The checkpoint of a model on its own."""
    model = Model(config, blobs())
    for _ in range(epochs):
        model.train_epoch()
    return model.checkpoint()


def gone_on(before, checkpoint, **changes):
    """A model of a changed config, as it begins."""
    now = dataclasses.replace(before, **changes)
    return Model(now, blobs(), checkpoint=checkpoint, before=before)


@pytest.mark.parametrize(
    "changes",
    [
        {"learning_rate": 0.1},
        {"l1": 1e-3},
        {"l2": 1e-3},
        {"schedule": "cosine", "decay_horizon": 9.0},
        {"keep": (1.0, 0.5)},
        {"clip_norm": 1.0},
    ],
)
def test_what_is_no_part_of_the_network_leaves_all_arrays_as_they_are(changes):
    checkpoint = trained()
    now = gone_on(BEFORE, checkpoint, **changes).checkpoint()
    assert now.keys() == checkpoint.keys()
    assert all(np.array_equal(now[name], checkpoint[name]) for name in now)


def weights(config, epochs=2):
    """1 − βᵗ of each of Adam's averages after so many epochs."""
    updates = epochs * -(-len(blobs().splits[0][1]) // config.batch_size)
    return 1 - config.beta1**updates, 1 - config.beta2**updates


def test_after_another_batch_size_the_step_sees_the_same_averages():
    """The bias is corrected by the number of updates, of which an epoch has others by then."""
    checkpoint, now = trained(), dataclasses.replace(BEFORE, batch_size=4)
    found = gone_on(BEFORE, checkpoint, batch_size=4).checkpoint()
    for symbol, was, is_ in zip("mv", weights(BEFORE), weights(now), strict=True):
        np.testing.assert_allclose(found[f"{symbol}.W1"] / is_, checkpoint[f"{symbol}.W1"] / was, rtol=1e-4)
    others = found.keys() - {name for name in found if name[:2] in ("m.", "v.")}
    assert all(np.array_equal(found[name], checkpoint[name]) for name in others)


def test_the_average_of_gradients_carries_over_between_optimizers():
    """The step sees it as high as before: it is kept as a sum, with another β and a bias to correct."""
    before = dataclasses.replace(BEFORE, optimizer="momentum", momentum=0.9, bias_correction=None)
    checkpoint = trained(before)
    now = gone_on(before, checkpoint, optimizer="adam", beta1=0.5, bias_correction=None).checkpoint()
    seen = now["m.W1"] * 0.5 / weights(dataclasses.replace(BEFORE, beta1=0.5))[0]
    np.testing.assert_allclose(seen, checkpoint["v.W1"] * np.float32(0.1), rtol=1e-5)
    assert not now["v.W1"].any()
    assert int(now["second_since"]) == 2
    assert "first_since" not in now


def test_the_squares_carry_over_from_adam_to_rmsprop_and_back():
    checkpoint = trained()
    between = dataclasses.replace(BEFORE, optimizer="rmsprop", bias_correction=False)
    there = gone_on(BEFORE, checkpoint, optimizer="rmsprop", bias_correction=False).checkpoint()
    np.testing.assert_allclose(there["S.W1"], checkpoint["v.W1"] / weights(BEFORE)[1], rtol=1e-5)
    back = gone_on(between, there, optimizer="adam", bias_correction=True).checkpoint()
    np.testing.assert_allclose(back["v.W1"], checkpoint["v.W1"], rtol=1e-5)
    assert not back["m.W1"].any()
    assert int(back["first_since"]) == 2


def test_what_begins_anew_is_corrected_as_at_a_start():
    """From plain gradient descent, Adam's first step is as long as that of a fresh Adam: α a weight."""
    before = dataclasses.replace(BEFORE, optimizer="gradient_descent", batch_size=10**6)
    checkpoint = trained(before, epochs=50)
    model = gone_on(before, checkpoint, optimizer="adam", learning_rate=1e-3)
    model.train_epoch()
    step = np.abs(model.checkpoint()["W1"] - checkpoint["W1"])
    assert step.max() == pytest.approx(1e-3, rel=1e-2)


def test_a_momentum_that_changes_keeps_its_average():
    before = dataclasses.replace(BEFORE, optimizer="momentum", momentum=0.9, bias_correction=None)
    checkpoint = trained(before)
    now = gone_on(before, checkpoint, momentum=0.99).checkpoint()
    np.testing.assert_allclose(now["v.W1"] * 0.01, checkpoint["v.W1"] * 0.1, rtol=1e-4)


def test_averaged_weights_begin_at_the_weights():
    checkpoint = trained()
    now = gone_on(BEFORE, checkpoint, weight_average=0.9).checkpoint()
    assert np.array_equal(now["average.W1"], checkpoint["W1"])


@pytest.mark.parametrize("changes", [{"hidden": (6,)}, {"activation": "tanh"}, {"batch_norm": True}])
def test_another_network_is_refused(changes):
    with pytest.raises(ConfigError, match="is what a network is built of"):
        gone_on(BEFORE, trained(), **changes)


def test_a_stack_carries_over_as_a_model_alone_does():
    checkpoint, now = trained(), dataclasses.replace(BEFORE, optimizer="rmsprop", batch_size=8)
    alone = Model(now, blobs(), checkpoint=checkpoint, before=BEFORE)
    stack = Stack(blobs())
    member = stack.enter(now, checkpoint, BEFORE)
    ours, theirs = alone.train_epoch(), stack.train_epoch()[member]
    assert ours["val_loss"] == pytest.approx(theirs["val_loss"], rel=1e-4)
