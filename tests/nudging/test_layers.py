"""Alarms of layers: on made cases, on real trainings that show them, and on none that is healthy."""

import os
import signal

import numpy as np
import pytest

import sweeps
from sweeps.events import Noticed
from sweeps.nudging.alarms import Curve, alarm_of, dead_units, exploding, vanishing
from sweeps.nudging.suggest import suggestions
from sweeps.store import LogReader
from tests.nudging.pandas_by_hand import babysat
from tests.trainer.examples import Job, line
from trainer import load_data, mlp

EPOCHS = 20


class Asked(Job):
    by_layer = True


def curve(loss, first=1, config=None, **layers):
    """layers: values by epoch, a number for all of them alike."""
    count = len(loss)
    columns = {name: np.broadcast_to(values, count) for name, values in layers.items()}
    rows = [
        {"train_loss": float(loss[n]), **{name: float(values[n]) for name, values in columns.items()}}
        for n in range(count)
    ]
    rows = [{**row, "val_loss": row["train_loss"]} for row in rows]
    return Curve.of(rows, config or {"learning_rate": 0.1}, first=first)


def falling(seed, count=EPOCHS):
    return np.arange(1, count + 1) ** -0.7 * np.exp(np.random.default_rng(seed).normal(size=count) * 0.02)


def told(rows, config, alarm):
    """At each epoch, as a person would have heard it."""
    found = [alarm(Curve.of(rows[:count], config)) for count in range(1, len(rows) + 1)]
    return [each for each in found if each is not None]


def of_training(data, alarm, epochs=EPOCHS, seed=0, **config):
    return told(list(mlp(config, Asked(data, epochs=epochs, seed=seed))), config, alarm)


@pytest.mark.parametrize("seed", range(10))
def test_healthy_layers_give_no_alarm(seed):
    """Up to half of a layer dead, gradients two orders of magnitude apart that vary threefold, and fall."""
    rng, loss = np.random.default_rng(seed), falling(seed)
    noise = rng.uniform(1, 3, (2, EPOCHS))
    layers = {
        "layer1_dead": rng.uniform(0, 0.45, EPOCHS),
        "layer2_dead": np.where(np.arange(EPOCHS) == 5, 0.7, 0.3),  # for an epoch
        "layer1_gradient": 1e-3 * loss * noise[0],
        "layer2_gradient": 1e-1 * loss * noise[1],
    }
    for count in range(1, EPOCHS + 1):
        seen = curve(loss[:count], **{name: values[:count] for name, values in layers.items()})
        assert [alarm(seen) for alarm in (dead_units, vanishing, exploding)] == [None] * 3


def test_units_that_die_are_told_with_the_way_back():
    shares = np.array([0.1, 0.2, 0.3, 0.6, 0.7, 0.7])
    first = next(
        found
        for count in range(1, 7)
        if (found := dead_units(curve(falling(0)[:count], 11, layer1_dead=0.1, layer2_dead=shares[:count])))
    )
    assert (first.epoch, first.rollback, first.nudge) == (16, 13, {"learning_rate": "/3"})
    assert first.reason == "70% of the units of layer 2 answer to no example"


def test_units_that_come_back_are_left_alone():
    assert dead_units(curve(falling(0)[:4], layer1_dead=np.array([0.9, 0.8, 0.7, 0.6]))) is None


def test_units_that_were_dead_before_the_last_change_are_told_once():
    assert dead_units(curve(falling(0)[:5], 9, layer1_dead=0.8)) is None
    first = dead_units(curve(falling(0)[:5], layer1_dead=0.8))
    assert (first.nudge, first.rollback) == ({}, None)
    assert first.words.endswith("or activation=leaky_relu, avoids it")


def test_what_is_dead_does_not_hide_other_alarms():
    seen = curve(np.r_[falling(0)[:5], np.full(12, 0.3)], layer1_dead=0.8)
    assert alarm_of(seen).kind == "dead units"
    assert alarm_of(seen, {"dead units"}).kind == "plateau"


@pytest.mark.parametrize(
    ("loss", "first", "rings"),
    [
        (np.full(6, 2.3), 1e-7, True),
        (np.full(6, 2.3), 0.0, True),
        (np.full(4, 2.3), 1e-7, False),  # too early
        (np.full(6, 2.3), 1e-3, False),  # the layers are near each other
        (2.3 * falling(0)[:6], 1e-7, False),  # it learns
        (np.full(6, 2.3), np.nan, False),  # nobody knows
    ],
)
def test_gradients_vanish_where_nothing_is_learned(loss, first, rings):
    found = vanishing(curve(loss, layer1_gradient=first, layer2_gradient=1e-3, layer10_gradient=0.05))
    assert (found is not None) == rings
    if found:
        assert found.nudge == {"learning_rate": "*3"}
        assert "the gradient of layer 10 is" in found.reason


def test_dead_units_explain_a_gradient_that_is_gone():
    seen = curve(np.full(6, 2.3), layer1_dead=1.0, layer1_gradient=0.0, layer2_gradient=0.1)
    assert (vanishing(seen), alarm_of(seen).kind) == (None, "dead units")


@pytest.mark.parametrize(
    ("last", "loss", "rings"),
    [
        ([0.1, 0.4, 2.0], [0.3, 0.3, 0.31], True),
        ([0.1, 0.4, np.inf], [0.3, 0.3, 0.31], True),
        ([0.1, 0.2, 0.3], [0.3, 0.3, 0.31], False),  # as noise does
        ([0.1, 0.4, 2.0], [0.3, 0.25, 0.2], False),  # the loss falls by it
        ([0.1, 0.4, 2.0], [0.3, 0.3, np.nan], False),  # it is too late, and divergence says so
    ],
)
def test_gradients_that_explode_are_told_before_the_loss_leaps(last, loss, rings):
    before = np.full(10, 0.1)
    strong = np.r_[before, last]
    seen = curve(
        np.r_[0.3 / falling(0)[9] * falling(0)[:10], loss], layer1_gradient=strong, layer2_gradient=0.05
    )
    found = exploding(seen)
    assert (found is not None) == rings
    if found:
        assert (found.nudge, found.epoch) == ({"learning_rate": "/3"}, 13)
        assert 9 <= found.rollback <= 11


def test_a_layer_that_wakes_up_does_not_explode():
    woken = np.r_[np.full(8, 1e-7), 1e-5, 1e-3, 1e-2]
    assert exploding(curve(np.full(11, 2.3), layer1_gradient=woken, layer2_gradient=0.05)) is None


@pytest.fixture(scope="module")
def digits():
    return load_data("digits")


def test_a_rate_that_kills_relus(digits):
    first = of_training(digits, dead_units, 4, learning_rate=0.3, hidden_units=32, hidden_layers=3)[0]
    assert first.epoch == 3
    assert "from the first epoch on" in first.reason


def test_deep_sigmoids_vanish_and_batch_norm_helps(digits):
    deep = {"hidden_units": 16, "hidden_layers": 8, "optimizer": "gradient_descent", "learning_rate": 0.1}
    (first, *_) = of_training(digits, vanishing, 8, **deep, activation="sigmoid")
    assert "batch_norm=true" in first.reason
    assert not of_training(digits, vanishing, 8, **deep, activation="sigmoid", batch_norm=True)
    assert not of_training(digits, vanishing, 8, **deep, activation="tanh")


def test_a_gradient_explodes_before_the_loss_does():
    """A rate that rises too far, in full batches."""
    config = {"hidden": [16] * 3, "activation": "leaky_relu", "optimizer": "momentum", "batch_size": 300}
    rows = list(mlp({**config, "learning_rate": 3.0, "warmup": 10}, Asked(line(300), epochs=EPOCHS)))
    alarms = told(rows, config, alarm_of)
    first = next(each for each in alarms if each.kind == "exploding gradients")
    assert first.epoch < next(each for each in alarms if each.kind == "divergence").epoch
    assert first.rollback < first.epoch


@pytest.mark.parametrize(
    "config", [{"learning_rate": 3e-3}, {"learning_rate": 1e-2, "batch_norm": True}], ids=str
)
@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
def test_healthy_trainings_give_no_alarm_of_layers(digits, config, activation):
    for alarm in (dead_units, vanishing, exploding):
        assert not of_training(digits, alarm, hidden=[32, 32], activation=activation, **config)


def test_a_panda_tells_them_and_a_sweep_has_no_columns(tmp_path):
    out = tmp_path / "p"
    space = {"learning_rate": 0.3, "hidden_units": 32, "hidden_layers": 3}
    with pytest.raises(KeyboardInterrupt):
        babysat(out, {}, epochs=20, space=space, end=(4, lambda: os.kill(os.getpid(), signal.SIGINT)))
    (said,) = [event.text for event in LogReader(out / "log").every(Noticed)]
    assert said.startswith("branch 0, dead units at epoch 3: ")
    assert sweeps.load(out).metrics["layer2_dead"].max() > 0.5
    (told,) = sweeps.suggest(out)
    assert (told.reason[:10], told.command(out)) == ("dead units", "")
    assert sweeps.replay(out, progress=False).equal
    swept = sweeps.run(
        "mlp",
        data="digits",
        space=space,
        trials=1,
        epochs=1,
        finalists=False,
        out=tmp_path / "s",
        progress=False,
    )
    assert not [name for name in swept.metrics if name.startswith("layer")]


def own(config, run):
    """Units die from epoch 4 on, by the third."""
    state = run.restore() or 0
    for epoch in range(state + 1, run.epochs + 1):
        run.save(epoch)
        shown = {"layer1_dead": min(0.3 * max(epoch - 3, 0), 0.9)} if run.by_layer else {}
        yield {"val_loss": 1 / epoch, **shown}


def test_a_trainable_of_ones_own_has_the_same_alarms(tmp_path):
    result = babysat(tmp_path / "p", {}, epochs=9, space={"learning_rate": 0.1}, train=own, data=None)
    (found,) = [each for each in suggestions(result) if each.reason.startswith("dead units")]
    assert (found.values, found.rollback) == ({"learning_rate": "/3"}, 4)
