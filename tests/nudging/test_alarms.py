"""Alarms on curves that were made to show a trouble, or none."""

from dataclasses import replace

import numpy as np
import pytest

from sweeps.nudging.alarms import Curve, alarm_of
from sweeps.nudging.alarms.columns import Columns
from tests.nudging.made_curves import made, made_for_the_rate

TUNED, KEPT_APART = 0, 1  # seeds; nothing was tuned on the second


def rung(curve):
    """The alarms at each epoch, as a person would have heard them."""
    told = [alarm_of(Curve.of(curve.rows[:epochs], {"l2": 0.0})) for epochs in range(1, len(curve.rows) + 1)]
    return [alarm for alarm in told if alarm is not None]


def test_troubles_are_found_in_time_and_healthy_curves_are_left_alone():
    """At least 18 of the 20 troubles, and at most one false alarm among 20 healthy curves."""
    found = false = 0
    for curve in [*made(TUNED), *made(KEPT_APART)]:
        alarms = rung(curve)
        if curve.kind is None:
            false += bool(alarms)
        else:
            found += any(alarm.kind == curve.kind and alarm.epoch <= curve.by for alarm in alarms)
    assert found >= 18
    assert false <= 1


def test_what_the_learning_rate_is_not_right_for_is_found_in_time():
    """At least 22 of 24 curves; that healthy ones are left alone is counted above, with all alarms."""
    found = 0
    for curve in [*made_for_the_rate(TUNED), *made_for_the_rate(KEPT_APART)]:
        found += any(alarm.kind == curve.kind and alarm.epoch <= curve.by for alarm in rung(curve))
    assert found >= 22


@pytest.mark.parametrize(("rate", "given_up", "factor"), [(0.001, np.inf, 10), (0.001, 0.01, 3)])
def test_a_learning_rate_that_was_given_up_is_not_proposed_again(rate, given_up, factor):
    rows = [{"train_loss": 2 * 0.9**epoch, "val_loss": 2 * 0.9**epoch} for epoch in range(5)]
    curve = replace(Curve.of(rows, {"learning_rate": rate}), given_up=given_up)
    assert alarm_of(curve).nudge == {"learning_rate": f"*{factor}"}
    assert alarm_of(replace(curve, given_up=2 * rate)) is None


@pytest.mark.parametrize(("left", "kind"), [(20, None), (8, "cool down"), (0, None)])
def test_the_last_epochs_cool_down_where_the_loss_stands_still(left, kind):
    rows = [{"train_loss": 0.5 * 0.95**epoch, "val_loss": 0.5 + 0.01 * (epoch % 2)} for epoch in range(6)]
    found = alarm_of(replace(Curve.of(rows, {}), left=left, promised=40))
    assert (found and found.kind) == kind


def test_a_model_that_jumps_and_has_hardly_learned_begins_anew():
    rows = [{"train_loss": 1.2 if epoch else 2.0, "val_loss": 1.0 + 0.3 * (epoch % 2)} for epoch in range(7)]
    found = alarm_of(Curve.of(rows, {}))
    assert (found.kind, found.nudge, found.rollback) == ("roughness", {"learning_rate": "/10"}, 0)


def test_divergence_is_told_before_the_loss_is_no_number():
    curve = next(each for each in made(KEPT_APART) if each.kind == "divergence")
    first = rung(curve)[0]
    assert np.isfinite(curve.rows[first.epoch - 1]["train_loss"])
    assert first.nudge == {"learning_rate": "/3"}
    assert first.rollback < first.epoch


def test_an_alarm_says_what_shows_it_and_what_to_do():
    curve = next(each for each in made(KEPT_APART) if each.kind == "overfitting")
    first = next(alarm for alarm in rung(curve) if alarm.kind == "overfitting")
    assert "above its least, while the training loss falls" in first.words
    assert f"--rollback {first.rollback} learning_rate=/3 l2=0.001" in first.words


@pytest.mark.parametrize(
    ("config", "proposed"),
    [
        ({"keep_probability": 0.5}, {"keep_probability": 1.0}),
        ({"l2": 0.1}, {"l2": "/10"}),
        ({}, {"learning_rate": "*3"}),
    ],
)
def test_what_holds_a_model_back_most_is_let_go(config, proposed):
    rows = [{"train_loss": 2.0, "val_loss": 2.0 + 0.001 * epoch} for epoch in range(12)]
    assert alarm_of(Curve.of(rows, config)).nudge == proposed


@pytest.mark.parametrize("count", range(4))
def test_few_epochs_give_no_alarm(count):
    assert alarm_of(Curve.of([{"val_loss": 1.0 / (1 + k)} for k in range(count)], {})) is None


def test_a_look_at_a_long_curve_copies_none_of_it():
    """A run of thousands of epochs is looked at after each of them."""
    columns = Columns.of({"val_loss": 1.0 / (1 + k), "layer1_dead": 0.1} for k in range(100))
    curve = Curve.of(columns, {})
    assert np.shares_memory(curve.validation, columns.column("val_loss"))
    assert np.shares_memory(curve.layers["layer1_dead"], columns.column("layer1_dead"))
    columns.add({"train_loss": 1.0})
    assert len(curve.validation) == 100
    assert np.isnan(columns.column("val_loss")[-1])
    assert np.isnan(columns.column("train_loss")).sum() == 100
