"""Stacks: a model is the same alone and among others, and what diverges diverges alone."""

import math

import numpy as np
import pytest

from tests.trainer.examples import blobs
from trainer import MLPConfig, train_stack
from trainer.epoch.score import Score
from trainer.stack.stack import METRICS

UNIT = 2.0**-53  # float64's rounding unit
SHARED = {"hidden": [16, 8], "batch_size": 25, "dtype": "float64", "epsilon": 1e-2}
PARAMS = [f"{kind}{layer}" for kind in "Wb" for layer in (1, 2, 3)]
DIFFERENT = [
    {"learning_rate": 0.01, "keep_probability": 0.5, "l2": 0.1, "momentum": 0.5, "beta1": 0.5, "decay": 1.0},
    {"learning_rate": 0.02, "keep_probability": 0.9, "l2": 0.0, "momentum": 0.9, "beta1": 0.9, "beta2": 0.9},
    {"learning_rate": 1e250},
    {"learning_rate": 0.005, "keep_probability": 1.0, "l2": 1.0, "momentum": 0.0, "beta2": 0.99},
]


def configs(**shared):
    return [MLPConfig.parse({**SHARED, **different, **shared}) for different in DIFFERENT]


def run(stack, epochs=3, **options):
    return list(train_stack(stack, blobs(), seed=1, epochs=epochs, **options))


def sensitivity(config):
    """How far the metrics move, per distance the params are moved at the start."""
    kept = []
    run([config], epochs=1, save=kept.append)
    distance, rng = 1e-7, np.random.default_rng(0)
    moved = {name: kept[0][name] + distance * rng.choice([-1, 1], kept[0][name].shape) for name in PARAMS}
    one = run([config], epochs=3, start=1, checkpoint=kept[0])
    other = run([config], epochs=3, start=1, checkpoint={**kept[0], **moved})
    losses = [name for name in METRICS if name.endswith("loss")]
    return (
        max(abs(a[0][name] - b[0][name]) for a, b in zip(one, other, strict=True) for name in losses)
        / distance
    )


@pytest.mark.parametrize("optimizer", ["gradient_descent", "momentum", "rmsprop", "adam"])
def test_a_model_is_the_same_alone_and_in_a_stack(optimizer):
    stack = configs(optimizer=optimizer)
    together = run(stack)
    for model, config in enumerate(stack):
        alone = run([config])
        if model == 2:
            continue
        # Only the order of sums in the matrix products differs. A gradient is a sum of at most
        # n = 25 terms below 10, off by 10·n·UNIT; a step is at most α/ε = 2 times that. There are
        # 4 steps in each of 3 epochs, and what they do to the params moves the metrics as measured
        # here for random small moves, of which the worst may be 10 times as bad.
        bound = 12 * 2 * 10 * 25 * UNIT * 10 * max(sensitivity(config), 1.0)
        assert bound < 1e-8
        for epoch, row in enumerate(alone):
            for name in METRICS:
                assert together[epoch][model][name] == pytest.approx(row[0][name], abs=bound), name


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("optimizer", ["gradient_descent", "momentum", "rmsprop", "adam"])
def test_divergence_is_seen_and_stays_alone(optimizer, dtype):
    together = run(configs(optimizer=optimizer, dtype=dtype))
    assert all(math.isnan(value) for value in together[-1][2].values())
    assert all(math.isfinite(value) for model in (0, 1, 3) for value in together[-1][model].values())


def test_the_callers_error_state_is_its_own():
    before = np.geterr()
    for _ in train_stack(configs(), blobs(), seed=0, epochs=2):
        assert np.geterr() == before


def test_metrics_are_plain_floats_by_name():
    for row in run(configs()):
        for metrics in row:
            assert tuple(metrics) == METRICS
            assert {type(value) for value in metrics.values()} == {float}


def test_batches_larger_than_the_data():
    assert len(run(configs(batch_size=10_000), epochs=1)) == 1


def test_configs_of_two_shapes_are_refused():
    with pytest.raises(ValueError, match="one shape"):
        run([MLPConfig(), MLPConfig(batch_size=8)])
    with pytest.raises(ValueError, match="one shape"):
        run([])


def test_widths_and_dropout_do_not_change_the_order_of_others():
    """Trials of a sweep share their draws: the same config gives the same numbers whatever is beside it."""
    alone = run([MLPConfig.parse({"hidden": [5]})])
    again = run([MLPConfig.parse({"hidden": [5]})])
    assert alone == again


def test_decay_follows_the_epoch():
    # From the second epoch on, a decay of 1e300 leaves nothing of the learning rate.
    still, learning = MLPConfig(decay=1e300, optimizer="momentum"), MLPConfig(optimizer="momentum")
    first, second, _ = run([still, learning])
    for name in ("val_loss", "test_loss"):
        assert first[0][name] == second[0][name]
        assert first[1][name] != second[1][name]
        assert first[0][name] == first[1][name]


def test_training_metrics_are_the_running_average_of_minibatches():
    config = MLPConfig(hidden=(4,), learning_rate=1e-300, batch_size=32, dtype="float64")
    (row,) = run([config], epochs=1)
    other = MLPConfig(hidden=(4,), learning_rate=1e-300, batch_size=90, dtype="float64")
    (whole,) = run([other], epochs=1)
    # Nothing is learnt, so the average over minibatches (32, 32, 26) is that of one batch.
    assert row[0]["train_loss"] == pytest.approx(whole[0]["train_loss"], rel=1e-12)
    assert row[0]["train_accuracy"] == whole[0]["train_accuracy"]


def test_score_over_many_blocks():
    rng = np.random.default_rng(0)
    logits, y = rng.normal(size=(2, 4, 3000)), rng.integers(0, 4, 3000)
    logits[1, 2, 2999] = -np.inf
    whole, parts = Score(2), Score(2)
    whole.add(logits, y)
    for at in range(0, 3000, 70):
        parts.add(logits[:, :, at : at + 70], y[at : at + 70])
    (loss, accuracy), (loss_of_parts, accuracy_of_parts) = whole.means(), parts.means()
    # 3,000 sums of numbers below 10.
    assert loss[0] == pytest.approx(loss_of_parts[0], abs=3000 * 10 * UNIT)
    assert accuracy[0] == accuracy_of_parts[0] == (logits[0].argmax(axis=0) == y).mean()
    assert np.isnan([loss[1], accuracy[1], loss_of_parts[1], accuracy_of_parts[1]]).all()
