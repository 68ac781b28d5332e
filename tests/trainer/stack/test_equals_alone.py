"""A model computes in a stack what it computes alone, up to the rounding of sums."""

from dataclasses import replace

import numpy as np
import pytest

from tests.trainer.examples import blobs, line
from tests.trainer.stacks import bounds, check_within, config, mixed, skipping, train
from trainer import Stack
from trainer.optimizers import OPTIMIZERS

EPOCHS = 20  # of four updates each, the last of them on 15 examples
OWN = {
    **{"learning_rate": 0.01, "optimizer": "adam"},
    **{"keep_probability": 0.8, "clip_norm": 1.0, "l2": 0.1, "weight_decay": 0.1},
}


def check_each_equals_itself_alone(configs, data=None, **options):
    together = list(zip(*train(configs, EPOCHS, data=data, **options), strict=True))
    alone = [next(zip(*train([each], EPOCHS, data=data), strict=True)) for each in configs]
    allowed = bounds(configs, alone, EPOCHS, data=data)
    check_within(allowed, configs, alone, together, epochs=EPOCHS, most=1e-7)


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_models_that_differ_in_all_they_may(optimizer, batch_norm):
    check_each_equals_itself_alone(mixed(optimizer=optimizer, batch_norm=batch_norm))


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("optimizer", ["adam", "nesterov"])
def test_models_that_entered_at_different_epochs(optimizer, batch_norm):
    configs = mixed(optimizer=optimizer, batch_norm=batch_norm)
    check_each_equals_itself_alone(configs, at=[5, 0, 3, 0, 7, 3, 0, 12])


@pytest.mark.parametrize("activation", ["leaky_relu", "tanh"])
def test_other_activations_of_other_widths(activation):
    check_each_equals_itself_alone(mixed(activation=activation, optimizer="adam"))


def test_skips():
    check_each_equals_itself_alone(skipping(batch_norm=True))


@pytest.mark.parametrize("batch_norm", [False, True])
def test_averaged_weights_and_smoothed_labels_of_their_own(batch_norm):
    betas, smoothing = np.linspace(0.1, 0.99, 8), np.linspace(0, 0.5, 8)
    wishes = mixed(batch_norm=batch_norm)
    check_each_equals_itself_alone(
        [
            replace(wish, weight_average=float(beta), label_smoothing=float(share))
            for wish, beta, share in zip(wishes, betas, smoothing, strict=True)
        ]
    )


def test_bins_behind_the_features():
    check_each_equals_itself_alone(mixed(number_bins=4))


def test_sigmoids_of_one_width():
    own = [{}, {"keep_probability_0": 0.7}, {"clip_norm": 0.1, "replica": 3}, OWN]
    check_each_equals_itself_alone([config(hidden=[6, 5], activation="sigmoid", **each) for each in own])


def test_quantities():
    check_each_equals_itself_alone(mixed(batch_norm=True), line())


def test_the_logistic_head():
    check_each_equals_itself_alone(mixed(head="logistic"), blobs(classes=2))


def test_no_hidden_layer():
    check_each_equals_itself_alone(
        [config(hidden=[], **own) for own in ({}, {"l2": 1.0}, {"clip_norm": 0.1})]
    )


@pytest.mark.parametrize("batch_norm", [False, True])
def test_a_model_beside_its_equals_is_itself(batch_norm):
    """Common random numbers: a config's draws do not depend on its place in the stack.

    Other draws would differ in the first digits. Sums may round otherwise: on some processors a product's
    last columns are summed in another order than its first.
    """
    same = config(hidden=[9, 4], batch_norm=batch_norm, keep_probability=0.5)
    trained = list(zip(*train([same] * 3, 5), strict=True))
    allowed = bounds([same] * 3, trained, 5)
    for others in (trained[1:] + trained[:1], trained[2:] + trained[:2]):
        check_within(allowed, [same] * 3, trained, others, epochs=5, most=1e-9)


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_beyond_its_own_widths_a_model_stays_zero(optimizer, batch_norm):
    stack = Stack(blobs(), seed=1)
    configs = mixed(optimizer=optimizer, batch_norm=batch_norm)
    for each in configs[:5]:
        stack.enter(each)
    stack.train_epoch()
    for each in configs[5:]:
        stack.enter(each)
    for _ in range(3):
        stack.train_epoch()
    lineup, padded = stack._arranged(), 0
    assert [member.config for member in lineup.members] == configs[5:] + configs[:5]
    for row, member in enumerate(lineup.members):
        shapes = lineup.architecture.state(lineup.architecture.widths([member.config]))
        assert set(shapes) == set(lineup.state)
        for name, x in lineup.state.items():
            beyond = np.ones(x.shape[1:], bool)
            beyond[tuple(slice(0, length) for length in shapes[name])] = False
            padded += beyond.sum()
            assert (x[row][beyond] == 0).all(), (member.config.hidden, name)
    assert padded > 1000
