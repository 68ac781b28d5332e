"""What diverges diverges alone, leaves at once, and is all NaN from then on."""

import dataclasses
import math

import pytest

from tests.trainer.examples import blobs
from tests.trainer.stacks import bounds, config, farthest, train
from trainer import Stack, Status, train_stack
from trainer.optimizers import OPTIMIZERS
from trainer.stack.lineup import Lineup

ROUNDING = {"float32": 2.0**-24, "float64": 2.0**-53}
NEIGHBOURS = [
    {"hidden": [6, 4], "l2": 0.1, "keep_probability": 0.8},
    {"hidden": [9, 3], "weight_decay": 0.1, "clip_norm": 0.5},
]


def allowed_and_alone(configs, epochs, data=None, steps=4):
    """Rounding's bounds, by what is measured in float64, and each model alone."""
    exact = [dataclasses.replace(each, dtype="float64") for each in configs]
    trained = [next(zip(*train([each], epochs, data=data), strict=True)) for each in exact]
    unit = ROUNDING[configs[0].dtype]
    alone = [next(zip(*train([each], epochs, data=data), strict=True)) for each in configs]
    return bounds(exact, trained, epochs, unit=unit, steps=steps, data=data), alone


def check_undisturbed(configs, together, epochs, **options):
    allowed, alone = allowed_and_alone(configs, epochs, **options)
    assert max(allowed) < 0.1
    # Shares of right answers may jump in float32, where a bound on the outputs says nothing of them.
    for one, other, bound in zip(alone, together, allowed, strict=True):
        assert farthest(one, other, smooth=configs[0].dtype == "float32") <= bound


@pytest.mark.parametrize("rate", [1e30, 1e250])
@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
@pytest.mark.parametrize("dtype", ROUNDING)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_neighbours_are_not_disturbed(optimizer, dtype, activation, batch_norm, rate):
    shared = {"optimizer": optimizer, "dtype": dtype, "activation": activation, "batch_norm": batch_norm}
    first, last = [config(**own, **shared, learning_rate=0.01) for own in NEIGHBOURS]
    exploding = config(hidden=[12, 2], learning_rate=rate, **shared)
    rows, ends = train([first, exploding, last], 3)
    check_undisturbed([first, last], [(rows[0], ends[0]), (rows[2], ends[2])], 3)
    lost = [all(math.isnan(value) for value in row.values()) for row in rows[1]]
    assert not any(lost[:-1])  # no epoch after the first that was lost
    if activation == "relu" and rate == 1e250:
        assert lost[-1]
        assert ends[1] is None
    else:  # a saturated network may well stay finite
        assert lost[-1] or all(math.isfinite(value) for row in rows[1] for value in row.values())


def sizes(monkeypatch):
    """(first step, models, widest first layer) of each piece of an epoch, as they are trained."""
    seen, train_piece = [], Lineup.train

    def spy(lineup, first, last):
        seen.append((first, len(lineup.members), lineup.state["W1"].shape[1]))
        train_piece(lineup, first, last)

    monkeypatch.setattr(Lineup, "train", spy)
    return seen


def test_the_stack_is_smaller_and_narrower_before_the_epoch_ends(monkeypatch):
    data, shared = blobs(3000), {"optimizer": "gradient_descent", "batch_size": 100}
    first, last = [config(**own, **shared, learning_rate=0.01) for own in NEIGHBOURS]
    seen = sizes(monkeypatch)
    rows, ends = train([first, config(hidden=[12, 2], learning_rate=1e250, **shared), last], 2, data=data)
    # 1024 examples, in whole steps of 100, are 10 steps.
    assert seen == [(0, 3, 12), (10, 2, 9), (20, 2, 9), (0, 2, 9), (10, 2, 9), (20, 2, 9)]
    assert all(math.isnan(value) for value in rows[1][0].values())
    assert len(rows[1]) == 1
    together = [(rows[0], ends[0]), (rows[2], ends[2])]
    check_undisturbed([first, last], together, 2, data=data, steps=30)


def test_statuses_and_members():
    stack = Stack(blobs(), seed=1)
    calm, wild = stack.enter(config()), stack.enter(config(learning_rate=1e250))
    metrics = stack.train_epoch()
    assert set(metrics) == {calm, wild}
    assert (calm.status, wild.status) == (Status.TRAINING, Status.DIVERGED)
    assert stack.members == (calm,)
    assert set(stack.train_epoch()) == {calm}
    with pytest.raises(ValueError, match="diverged"):
        stack.checkpoint(wild)


def test_a_model_lost_by_the_last_update_has_no_metrics():
    """Its training loss was taken before, and was finite."""
    stack = Stack(blobs(), seed=1)
    member = stack.enter(config(batch_size=90, learning_rate=1e250))
    metrics = stack.train_epoch()[member]
    assert member.status is Status.DIVERGED
    assert all(math.isnan(value) for value in metrics.values())


def test_none_after_divergence_and_an_end_when_all_have_diverged():
    wild = config(learning_rate=1e250)
    rows = list(train_stack([wild, config(), wild], blobs(), epochs=3))
    assert [[metrics is None for metrics in row] for row in rows] == [[False] * 3] + [[True, False, True]] * 2
    (only,) = train_stack([wild, wild], blobs(), epochs=3)
    assert all(math.isnan(value) for metrics in only for value in metrics.values())


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_checkpoint_that_holds_no_finite_number_diverges_alone(value):
    calm = config(hidden=[6, 4])
    (start,) = train([config(hidden=[7, 4])], 1)[1]
    start["W2"][0, 0] = value
    rows, ends = train([calm, config(hidden=[7, 4])], 3, starts=[None, start])
    assert len(rows[1]) == 1
    assert all(math.isnan(value) for value in rows[1][0].values())
    check_undisturbed([calm], [(rows[0], ends[0])], 3)
